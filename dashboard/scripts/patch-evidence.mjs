// What Evidence needs to be installed, built and read without the internet.
import { edit, remove } from './edit.mjs';

// Later DuckDB-WASM fetches its Parquet extension from the internet, and hangs without it: 1.28.0 is pinned, whose
// DuckDB (0.9.1) does not know these two settings.
for (const side of ['browser', 'node']) {
	const file = `universal-sql/src/client-duckdb/${side}.js`;
	edit(file, "await connection.query('SET ieee_floating_point_ops = false;');", '// ieee_floating_point_ops: not in DuckDB 0.9.1');
	edit(file, "await connection.query('SET old_implicit_casting = true;');", '// old_implicit_casting: not in DuckDB 0.9.1');
}

// Nothing is reported to its makers, even by a command typed by hand.
edit('telemetry/index.cjs', "send_anonymous_usage_stats ?? 'yes'", "send_anonymous_usage_stats ?? 'no'");
edit('telemetry/index.cjs', "\t\t\t\t'yes');", "\t\t\t\t'no');");

// The first figures are in the page already: the engine (18 MB) starts when a query first asks for it.
edit(
	'evidence/template/src/pages/+layout.js',
	'const database_initialization = profile(loadDB);',
	`let database;
const database_initialization = {
	then: (done, failed) => (database ??= profile(loadDB)).then(done, failed)
};`
);

// A date that is not known stays null: it was read as 1 January 1970.
edit(
	'universal-sql/src/client-duckdb/both.js',
	'row[col.name] = new Date(row[col.name]);',
	'if (row[col.name] !== null) row[col.name] = new Date(row[col.name]);'
);
// On a slow machine the engine takes more than five seconds to start.
edit('universal-sql/src/client-duckdb/both.js', '5000', '60000');

// A flow diagram forgets the states of the choice before, and fills its width.
edit(
	'core-components/dist/unsorted/viz/sankey/_SankeyDiagram.svelte',
	'\t\tdata.map((link) => {\n\t\t\tnames.push(',
	'\t\tnames = [];\n\t\tdata.map((link) => {\n\t\t\tnames.push('
);

// Pages of Evidence itself, in English, one of them a console on the data.
for (const page of ['explore', 'settings']) remove(`evidence/template/src/pages/${page}`);
