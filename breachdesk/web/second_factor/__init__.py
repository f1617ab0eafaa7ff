"""A person's own second factors: what is set up, set up more, remove, give one again."""

from flask import Blueprint

from breachdesk.web.second_factor import listing, passkeys, proving, totp

pages = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")

_BOTH = ["GET", "POST"]
pages.add_url_rule("", view_func=listing.listing)
pages.add_url_rule("/recovery-codes", view_func=listing.recovery_codes, methods=_BOTH)

pages.add_url_rule("/application", view_func=totp.totp, methods=_BOTH)
pages.add_url_rule("/application/removal", view_func=totp.remove_totp, methods=_BOTH)

pages.add_url_rule("/passkeys/new", view_func=passkeys.new_passkey)
pages.add_url_rule("/passkeys/new/options", view_func=passkeys.passkey_options, methods=["POST"])
pages.add_url_rule("/passkeys/new", view_func=passkeys.add_passkey, methods=["POST"])
pages.add_url_rule("/passkeys/<int:passkey_id>", view_func=passkeys.passkey, methods=_BOTH)
pages.add_url_rule(
    "/passkeys/<int:passkey_id>/removal", view_func=passkeys.remove_passkey, methods=_BOTH
)

pages.add_url_rule("/proof", view_func=proving.prove, methods=_BOTH)
pages.add_url_rule("/proof/recovery-code", view_func=proving.prove_by_code, methods=["POST"])
pages.add_url_rule("/proof/passkey/options", view_func=proving.proof_options, methods=["POST"])
pages.add_url_rule("/proof/passkey", view_func=proving.prove_by_passkey, methods=["POST"])

proving.offer()
