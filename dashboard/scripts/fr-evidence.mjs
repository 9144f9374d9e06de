// Evidence in French: it has no setting for a language.
import { add, edit, remove } from './edit.mjs';

add(
	'component-utilities/src/french.js',
	`// Excel-like formats (ssf) as French readers write them: 1 234,5 % and 15 novembre 2026.
import ssf from 'ssf';

const SPACE = '\\u202f';
const SWAPPED = { ',': SPACE, '.': ',', '-': '\\u2212', '%': '\\u00a0%' };

const inWords = (code, date) =>
	code.replace(/m{3,4}/gi, (month) => {
		const style = month.length === 4 ? 'long' : 'short';
		return '"' + date.toLocaleDateString('fr-FR', { month: style }) + '"';
	});

const format = (code, value) => {
	if (value instanceof Date) return ssf.format(inWords(code, value), value);
	const text = ssf.format(code, value);
	return typeof value === 'number' ? text.replace(/[,.%-]/g, (sign) => SWAPPED[sign]) : text;
};

export default { ...ssf, format };
`
);
for (const file of ['formatting', 'autoFormatting']) {
	edit(`component-utilities/src/${file}.js`, "from 'ssf'", "from './french.js'");
}
edit('component-utilities/src/autoFormatting.js', "'YYYY-MM-DD'", "'d mmmm yyyy'");
edit('component-utilities/src/autoFormatting.js', 'toLocaleString(undefined,', "toLocaleString('fr-FR',");

const locale = `import langFR from 'echarts/lib/i18n/langFR.js';
registerLocale('FR', langFR);
`;
edit(
	'component-utilities/src/echarts.js',
	"import { registerTheme, init, connect } from 'echarts';\n",
	`import { registerLocale, registerTheme, init, connect } from 'echarts';\n${locale}`
);
edit(
	'component-utilities/src/echarts.js',
	"renderer: useSvg ? 'svg' : (options.renderer ?? 'canvas')",
	"locale: 'FR', renderer: useSvg ? 'svg' : (options.renderer ?? 'canvas')"
);
edit(
	'component-utilities/src/echartsCopy.js',
	"import { registerTheme, init } from 'echarts';\n",
	`import { registerLocale, registerTheme, init } from 'echarts';\n${locale}`
);
edit('component-utilities/src/echartsCopy.js', "{ renderer: 'canvas' }", "{ locale: 'FR', renderer: 'canvas' }");

// Nothing moves: a chart is there at once, and for who is made unwell by movement.
edit('component-utilities/src/echarts.js', 'const ANIMATION_DURATION = 500;', 'const ANIMATION_DURATION = 0;');
edit(
	'core-components/dist/unsorted/viz/sankey/_SankeyDiagram.svelte',
	'animationDuration: 500',
	'animation: false'
);

// A chart is one picture with a name (components/Figure.svelte); its data is in the table below it.
for (const option of ['downloadableData', 'downloadableImage']) {
	edit('core-components/dist/unsorted/viz/core/_Chart.svelte', `${option} = true;`, `${option} = false;`);
}

const core = 'core-components/dist';
// A legend is whole, on as many lines as it needs, where Evidence has arrows to click.
add(
	'component-utilities/src/legendLines.js',
	`const KEY = 35;
const LETTER = 6.5;

export default (data, series) => {
	if (!series) return 1;
	const names = [...new Set(Array.from(data ?? [], (row) => String(row[series] ?? '')))];
	const room = typeof window === 'undefined' ? 900 : Math.min(900, window.innerWidth - 60);
	let lines = 1;
	let used = 0;
	for (const width of names.map((name) => KEY + LETTER * name.length)) {
		if (used > 0 && used + width > room) {
			lines += 1;
			used = 0;
		}
		used += width;
	}
	return lines;
};
`
);
const chart = `${core}/unsorted/viz/core/_Chart.svelte`;
const checks = "import checkInputs from '@evidence-dev/component-utilities/checkInputs';";
edit(chart, checks, `${checks}\n\timport legendLines from '@evidence-dev/component-utilities/legendLines';`);
edit(chart, 'legendHeight = 15;', 'legendHeight = 18 * legendLines(data, series);');
edit(chart, "type: 'scroll',", "type: 'plain',");
// Titles in English have capitals; labels are shown as they are written.
edit(`${core}/unsorted/viz/sankey/_SankeyDiagram.svelte`, 'formatTitle(params.data.name)', 'params.data.name');
edit(`${core}/unsorted/ui/ChartLoading.svelte`, 'Loading...', 'Chargement…');
edit(`${core}/atoms/skeletons/Skeleton.svelte`, 'Loading...', 'Chargement…');
edit(`${core}/unsorted/viz/core/EmptyChart.svelte`, "'No Records'", "'Aucune ligne pour ce choix'");
edit(
	`${core}/unsorted/viz/core/EmptyChart.svelte`,
	"'Dataset is empty - query ran successfully, but no data was returned from the database'",
	"'Aucune ligne pour ce choix'"
);

const shell = 'evidence/template/src/app.html';
edit(shell, '<html lang="en">', '<html lang="fr">');
// Evidence's own icons; static/icon.svg is ours.
edit(shell, '<link rel="icon" href="%sveltekit.assets%/favicon.ico" sizes="32x32" />', '');
edit(shell, '<link rel="apple-touch-icon" href="%sveltekit.assets%/apple-touch-icon.png" />', '');
edit(shell, '<link rel="manifest" href="%sveltekit.assets%/manifest.webmanifest" />', '');
for (const icon of ['favicon.ico', 'apple-touch-icon.png', 'icon-192.png', 'icon-512.png']) {
	remove(`evidence/template/static/${icon}`);
}
const titles = 'preprocess/src/frontmatter/handle-og.cjs';
edit(titles, '<title>{metadata.title ?? metadata.og?.title}</title>', '<title>{metadata.title} – SYNCHRØ</title>');
edit(titles, '<title>Evidence</title>', '<title>SYNCHRØ</title>');
edit(titles, '<meta name="twitter:site" content="@evidence_dev" />', '');
