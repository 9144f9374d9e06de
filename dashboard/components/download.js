// A table as a csv file that French spreadsheets open: `;` between cells, decimal comma, a mark for UTF-8.
import { reason } from './french.js';

const FORMULA = /^[=+\-@\t\r]/;

function cell(row, id) {
	const why = reason(row, id);
	const value = why ? why.symbol : row[id];
	if (value === null || value === undefined) return '';
	if (typeof value === 'number') return String(value).replace('.', ',');
	if (value instanceof Date) return value.toISOString().slice(0, 10);
	// A spreadsheet runs a text that starts like a formula.
	const text = FORMULA.test(value) ? `'${value}` : String(value);
	return /[";\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function download(title, columns, rows) {
	const ids = Object.keys(columns);
	const lines = [Object.values(columns).join(';'), ...rows.map((row) => ids.map((id) => cell(row, id)).join(';'))];
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob(['\ufeff', lines.join('\r\n'), '\r\n'], { type: 'text/csv' }));
	link.download = `${title}.csv`;
	link.click();
	URL.revokeObjectURL(link.href);
}
