// Passkeys: asks the hub for options, the browser for a passkey, and goes where the hub says.
"use strict";

const possible = Boolean(window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON);

async function post(path, place, content) {
  const headers = { "Content-Type": "application/json", "X-Form-Token": place.dataset.token };
  const query = new URLSearchParams({ next: place.dataset.next });
  const answer = await fetch(`${path}?${query}`, { method: "POST", headers, body: JSON.stringify(content) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

async function signIn(place) {
  const options = await post("/signin/passkey/options", place, {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey });
  return post("/signin/passkey", place, { credential: credential.toJSON() });
}

async function make(place) {
  const options = await post("/account/passkeys/options", place, {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({ publicKey });
  return post("/account/passkeys", place, { name: place.elements.name.value, credential: credential.toJSON() });
}

function run(step, place) {
  const error = place.querySelector(".error");
  error.hidden = true;
  step(place).then((answer) => location.assign(answer.next)).catch((problem) => {
    error.textContent = problem instanceof DOMException ? "Nothing was done: the browser gave no passkey." : problem.message;
    error.hidden = false;
  });
}

for (const place of document.querySelectorAll("[data-passkey]")) {
  if (!possible) continue;
  place.hidden = false;
  // What was hidden when the page asked for the focus did not get it.
  place.querySelector("[autofocus]")?.focus();
  if (place.dataset.passkey === "new") {
    place.addEventListener("submit", (event) => { event.preventDefault(); run(make, place); });
  } else {
    place.querySelector("button").addEventListener("click", () => run(signIn, place));
  }
}

for (const place of document.querySelectorAll("[data-passkey-missing]")) place.hidden = possible;
