/*
 * What a script adds to pages that work without one. Each part looks for its own marks in the
 * page (data-…) and does nothing where there are none. It writes text only, never markup.
 */
"use strict";

/* After a refused form, reading starts at the list of what to mend. */
function focusOnFaults() {
  document.querySelector("[data-focus]")?.focus();
}

/* A status that is there from the start is not read out: put it in again. */
function announce() {
  const region = document.querySelector("[data-announce]");
  if (region?.childElementCount) {
    setTimeout(() => region.replaceChildren(...region.childNodes), 200);
  }
}

/* 41 h 20, and 12 min in the last hour: as wording.times.duration says it. */
function duration(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!minutes) return document.body.dataset.moment;
  return hours ? `${hours}\u00a0h\u00a0${String(rest).padStart(2, "0")}` : `${rest}\u00a0min`;
}

/* Past four days late the server's words stay as they are: nobody counts minutes there. */
function tick(element) {
  const left = Date.parse(element.dataset.due) - Date.now();
  if (Math.abs(left) >= 96 * 3600000) return;
  const words = left < 0 ? document.body.dataset.late : document.body.dataset.left;
  const sentence = words.replace("{}", duration(left));
  element.textContent = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  if (left < 0) {
    for (let box = element; box; box = box.parentElement?.closest("[data-state]")) {
      if (box.dataset.state) box.dataset.state = "late";
    }
  }
}

function countDown() {
  const clocks = document.querySelectorAll("[data-due]");
  if (!clocks.length) return;
  setInterval(() => clocks.forEach(tick), 15000);
  document.addEventListener("visibilitychange", () => clocks.forEach(tick));
}

/* Copy buttons are hidden until there is a script to serve them. */
function offerCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
      button.textContent = button.dataset.copied;
      setTimeout(() => (button.textContent = label), 4000);
    });
  }
}

/* So are those that print. */
function offerPrinting() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}

/* A tired hand clicks twice: the second time does nothing. */
function sendOnce() {
  for (const form of document.querySelectorAll('form[method="post"]')) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "yes";
      event.submitter?.setAttribute("aria-disabled", "true");
    });
  }
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
    }
  });
}

/* Writing an answer takes back "I do not know yet". */
function answerOverUnknown() {
  for (const field of document.querySelectorAll("[data-unless]")) {
    const unknown = document.getElementById(field.dataset.unless);
    field.addEventListener("input", () => (unknown.checked = field.value ? false : unknown.checked));
  }
}

/* Whoever types a long sentence may look at it. */
function offerShowing() {
  const { show, hide } = document.body.dataset;
  for (const field of document.querySelectorAll('input[type="password"]')) {
    const label = document.querySelector(`label[for="${field.id}"]`)?.innerText ?? "";
    const button = document.createElement("button");
    const say = (isShown) => {
      field.type = isShown ? "text" : "password";
      button.textContent = isShown ? hide : show;
      button.setAttribute("aria-label", `${button.textContent}, ${label}`);
    };
    button.type = "button";
    button.className = "button button--link";
    button.addEventListener("click", () => say(field.type === "password"));
    field.after(button);
    // A browser remembers what was typed into a text field.
    field.form?.addEventListener("submit", () => say(false));
    say(false);
  }
}

/* A file that would be refused is said at once, not after minutes of sending. */
function weighFiles() {
  for (const input of document.querySelectorAll("input[data-limit]")) {
    const said = document.createElement("p");
    said.className = "fault";
    said.setAttribute("role", "alert");
    input.after(said);
    input.addEventListener("change", () => {
      const heavy = [...input.files].find((file) => file.size > Number(input.dataset.limit));
      said.textContent = heavy ? input.dataset.tooLarge.replace("{}", heavy.name) : "";
      if (heavy) input.value = "";
    });
  }
}

/* Whoever writes for an hour is there: the server hears of it, and keeps the session open. */
function stayWhileTyping() {
  const token = document.querySelector('input[name="csrf_token"]')?.value;
  const address = document.body.dataset.alive;
  if (!token || !address) return;
  const every = 5 * 60000;
  let last = Date.now();
  document.addEventListener("input", () => {
    if (Date.now() - last < every) return;
    last = Date.now();
    const headers = { "X-CSRFToken": token };
    fetch(address, { method: "POST", headers, redirect: "manual" }).catch(() => {});
  });
}

/* An open menu closes on Escape, and when one looks elsewhere. */
function closeMenus() {
  const close = (keep) => {
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      if (!keep || !menu.contains(keep)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("[data-menu][open]");
    if (event.key !== "Escape" || !open) return;
    close();
    open.querySelector("summary").focus();
  });
}

focusOnFaults();
announce();
countDown();
offerCopying();
offerPrinting();
sendOnce();
answerOverUnknown();
offerShowing();
weighFiles();
closeMenus();
stayWhileTyping();
