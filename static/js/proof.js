/*
 * The work by which a browser spares its reader a question (domain/robot_check.py tells why
 * and how much). It begins with the first word typed; without scripts, or where the page is
 * not secure and crypto.subtle is missing, the question stays and is enough.
 */
"use strict";

/* So many hashes are asked for at once: the page stays free between two such rounds. */
const ROUND = 128;
const encoder = new TextEncoder();

function leadingZeroBits(bytes, wanted) {
  let bits = 0;
  for (const byte of bytes) {
    if (byte) return bits + Math.clz32(byte) - 24;
    bits += 8;
    if (bits >= wanted) break;
  }
  return bits;
}

async function digest(text) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

/* The first nonce that hashes, with ticket and place, to enough zero bits. */
async function piece(ticket, place, wanted) {
  for (let start = 0; ; start += ROUND) {
    const nonces = Array.from({ length: ROUND }, (_, index) => start + index);
    const hashes = await Promise.all(nonces.map((nonce) => digest(`${ticket}:${place}:${nonce}`)));
    const found = hashes.findIndex((hash) => leadingZeroBits(hash, wanted) >= wanted);
    if (found >= 0) return start + found;
  }
}

async function prove({ ticket, pieces, bits }) {
  const nonces = [];
  for (let place = 0; place < Number(pieces); place++) {
    nonces.push(await piece(ticket, place, Number(bits)));
  }
  return nonces.join(".");
}

function proveFor(form) {
  const question = form.querySelector("[data-question]");
  const status = form.querySelector("[data-proof-status]");
  const answer = question.querySelector("input");
  let work = null;

  const begin = () => {
    work ??= prove(question.dataset).then((nonces) => (form.elements.proof.value = nonces), ask);
    return work;
  };
  /* Should the work fail, the question is as good. */
  const ask = () => {
    question.hidden = false;
    status.textContent = "";
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
    answer.focus();
  };

  question.hidden = true;
  form.addEventListener("input", begin, { once: true });
  form.addEventListener("submit", async (event) => {
    if (form.elements.proof.value || !question.hidden) return;
    event.preventDefault();
    status.textContent = status.dataset.words;
    await begin();
    /* Not requestSubmit: desk.js has seen this sending already and lets no second one by. */
    if (form.elements.proof.value) form.submit();
  });
}

if (globalThis.crypto?.subtle) {
  for (const form of document.querySelectorAll("form[data-proof]")) {
    if (!form.elements.proof.value) proveFor(form);
    else form.querySelector("[data-question]").hidden = true;
  }
}
