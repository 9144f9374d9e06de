// What Evidence needs to be installed, built and read without the internet.
import { edit, remove } from './edit.mjs';

// Later DuckDB-WASM fetches its Parquet extension from the internet, and hangs without it: 1.28.0 is pinned, whose
// DuckDB (0.9.1) does not know these two settings.
for (const side of ['browser', 'node']) {
	const file = `universal-sql/src/client-duckdb/${side}.js`;
	edit(file, "await connection.query('SET ieee_floating_point_ops = false;');", '// ieee_floating_point_ops: not in DuckDB 0.9.1');
	edit(file, "await connection.query('SET old_implicit_casting = true;');", '// old_implicit_casting: not in DuckDB 0.9.1');
}

// The first figures are in the page already: the engine (18 MB) starts when a query first asks for it.
edit(
	'evidence/template/src/pages/+layout.js',
	'const database_initialization = profile(loadDB);',
	`let database;
const database_initialization = {
	then: (done, failed) => (database ??= profile(loadDB)).then(done, failed)
};`
);

// Pages of Evidence itself, in English, one of them a console on the data.
for (const page of ['explore', 'settings']) remove(`evidence/template/src/pages/${page}`);
