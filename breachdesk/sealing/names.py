"""The object identifiers of a seal and of a time stamp, as DER."""

from breachdesk.sealing.der import NULL, SEQUENCE, der, object_id

# RFC 5652.
DATA = object_id("1.2.840.113549.1.7.1")
SIGNED_DATA = object_id("1.2.840.113549.1.7.2")
CONTENT_TYPE = object_id("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = object_id("1.2.840.113549.1.9.4")
# RFC 6211.
ALGORITHM_PROTECTION = object_id("1.2.840.113549.1.9.52")
# RFC 2634 and RFC 5035.
SIGNING_CERTIFICATE = object_id("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2 = object_id("1.2.840.113549.1.9.16.2.47")
# RFC 3161.
TIME_STAMP_TOKEN = object_id("1.2.840.113549.1.9.16.2.14")
TST_INFO = object_id("1.2.840.113549.1.9.16.1.4")

# RFC 5754: SHA-2 is named without parameters, RSA with NULL, ECDSA without.
SHA256 = der(SEQUENCE, object_id("2.16.840.1.101.3.4.2.1"))
SHA384 = der(SEQUENCE, object_id("2.16.840.1.101.3.4.2.2"))
SHA512 = der(SEQUENCE, object_id("2.16.840.1.101.3.4.2.3"))
_NULL = der(NULL)
RSA = der(SEQUENCE, object_id("1.2.840.113549.1.1.1"), _NULL)
RSA_SHA256 = der(SEQUENCE, object_id("1.2.840.113549.1.1.11"), _NULL)
RSA_SHA384 = der(SEQUENCE, object_id("1.2.840.113549.1.1.12"), _NULL)
RSA_SHA512 = der(SEQUENCE, object_id("1.2.840.113549.1.1.13"), _NULL)
ECDSA_SHA256 = der(SEQUENCE, object_id("1.2.840.10045.4.3.2"))
ECDSA_SHA384 = der(SEQUENCE, object_id("1.2.840.10045.4.3.3"))
ECDSA_SHA512 = der(SEQUENCE, object_id("1.2.840.10045.4.3.4"))
