// Exact-text edits of installed packages: run twice they change nothing, and a text that is gone stops the install.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../node_modules/@evidence-dev/', import.meta.url));

/** Replaces `before` by `after` in a file of `@evidence-dev`, everywhere it stands. */
export function edit(file, before, after) {
	const path = packages + file;
	const text = existsSync(path) ? readFileSync(path, 'utf-8') : '';
	const isDone = after !== '' && text.includes(after);
	// Where the new text holds the old one, the old one is found again once the edit is made.
	if (isDone && after.includes(before)) return;
	if (text.includes(before)) {
		writeFileSync(path, text.replaceAll(before, after));
	} else if (!isDone && (after !== '' || text === '')) {
		console.error(`Texte à remplacer introuvable dans @evidence-dev/${file} :\n${before}`);
		console.error('Les versions de package.json sont figées : remettre celles du dépôt, puis « npm install ».');
		process.exit(1);
	}
}

/** Writes a file of ours among those of `@evidence-dev`. */
export function add(file, text) {
	writeFileSync(packages + file, text);
}

/** Removes what the built site must not hold. */
export function remove(file) {
	rmSync(packages + file, { recursive: true, force: true });
}
