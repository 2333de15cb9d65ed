// Passkeys: a form whose button asks the device, and which is sent with what the device answers.
// Without this file, or a browser that knows passkeys, the buttons stay hidden and codes do.
"use strict";

/** What the server has the device do, as the browser's own calls want it. */
async function asked(form) {
  const answer = await fetch(form.dataset.ask, {
    method: "POST",
    body: new URLSearchParams({ csrf_token: form.elements.csrf_token.value }),
    headers: { Accept: "application/json" },
    redirect: "error",
  });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

const WAYS = {
  make: async (options) =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
    }),
  prove: async (options) =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    }),
};

function known() {
  return Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);
}

function wire(form) {
  const button = form.querySelector("[data-passkey-go]");
  const said = form.querySelector("[data-passkey-said]");
  const without = form.querySelector("[data-passkey-none]");
  if (without) without.hidden = true;
  for (const part of form.querySelectorAll("[data-passkey-part]")) part.hidden = false;
  button.addEventListener("click", async () => {
    said.hidden = true;
    if (form.dataset.passkey === "make" && !form.reportValidity()) return;
    button.disabled = true;
    try {
      const credential = await WAYS[form.dataset.passkey](await asked(form));
      form.elements.passkey.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      // whichever it was: no key, turned away, too late
      said.hidden = false;
      button.disabled = false;
    }
  });
}

if (known()) document.querySelectorAll("form[data-passkey]").forEach(wire);
