// What the stories in JavaScript share; the same words as in story.py.
import { readFileSync, readSync } from "node:fs";

export const settings = () => JSON.parse(readFileSync(process.argv[2], "utf8"));

export function visit(url) {
  console.log("visit", String(url));
  const line = Buffer.alloc(8192);
  return new URL(line.toString("utf8", 0, readSync(0, line)).trim());
}

export function ok(name, holds = true) {
  if (!holds) throw new Error(`${name} does not hold`);
  console.log("ok", name);
}

const HASHES = { RS256: "SHA-256", RS384: "SHA-384" };

export async function privateKey({ jwk, alg }) {
  const algorithm = alg.startsWith("RS")
    ? { name: "RSASSA-PKCS1-v1_5", hash: HASHES[alg] }
    : { name: "ECDSA", namedCurve: jwk.crv };
  return crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
}
