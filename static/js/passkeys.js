/*
 * Passkeys: asks the desk for options, hands them to the browser, sends back what the
 * authenticator answered, and goes where the desk leads. It looks for [data-passkey] (see
 * templates/macros/passkeys.html) and writes text only, never markup.
 */
"use strict";

/* Not every browser converts by itself yet. */
function toBytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  if (!buffer) return undefined;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function forBrowser(options) {
  const named = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));
  const asked = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) asked.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) asked.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) asked.allowCredentials = named(options.allowCredentials);
  return { publicKey: asked };
}

function forDesk({ id, rawId, type, response }) {
  return {
    id,
    rawId: toText(rawId),
    type,
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: toText(response.userHandle),
      transports: response.getTransports?.(),
    },
  };
}

/* What the desk refuses in its own words, as an error that holds them. */
class Refused extends Error {}

async function ask(url, token, content) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(content),
  });
  const said = await answer.json();
  if (said.fault) throw new Refused(said.fault);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return said;
}

function sentence(box, fault) {
  if (fault instanceof Refused) return fault.message;
  if (fault.name === "NotAllowedError" || fault.name === "AbortError") return box.dataset.cancelled;
  if (fault.name === "InvalidStateError") return box.dataset.held;
  if (fault.name === "SecurityError") return box.dataset.elsewhere;
  return box.dataset.failed;
}

/* Where the desk leads; or nowhere, when the authenticator or the desk refused. */
async function perform(box) {
  const { options, verify, token, passkey } = box.dataset;
  const asked = await ask(options, token, {});
  if (asked.next) return asked.next;
  const credential = await navigator.credentials[passkey](forBrowser(asked));
  const name = box.dataset.name && document.getElementById(box.dataset.name).value;
  return (await ask(verify, token, { credential: forDesk(credential), name })).next;
}

async function press(box) {
  const [status, alert] = box.querySelectorAll("[role]");
  if (box.dataset.busy) return;
  box.dataset.busy = "yes";
  alert.textContent = "";
  status.textContent = box.dataset.waiting;
  try {
    location.assign(await perform(box));
  } catch (fault) {
    status.textContent = "";
    alert.textContent = sentence(box, fault);
    delete box.dataset.busy;
  }
}

function offerPasskeys() {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  for (const hint of document.querySelectorAll("[data-without-passkeys]")) hint.hidden = true;
  for (const box of document.querySelectorAll("[data-passkey]")) {
    box.hidden = false;
    box.querySelector("button").addEventListener("click", () => press(box));
    /* Enter in the field that names a new one does what the button does. */
    box.closest("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      press(box);
    });
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

offerPasskeys();
