// Numbers, dates and shares as French readers write them.
import edition from './edition.json';

const integers = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 1 });
const fixed = new Intl.NumberFormat('fr-FR', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 1, signDisplay: 'exceptZero' });
const euros = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
// The public edition has whole percents: a decimal would be made up.
const digits = edition.audience === 'public' ? 0 : 1;
const percents = new Intl.NumberFormat('fr-FR', {
	style: 'percent',
	minimumFractionDigits: digits,
	maximumFractionDigits: digits
});
const months = new Intl.DateTimeFormat('fr-FR', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const days = new Intl.DateTimeFormat('fr-FR', { timeZone: 'UTC' });

/** How the values of a column are written, by the end of its name. */
const styles = [
	[/_share$|^share_|^occupancy$|^survival$/, (value) => percents.format(value)],
	[/change|revision$|^gap$/, (value) => minus(signed.format(value))],
	[/_days$/, (value) => integers.format(value)],
	[/_pace$|^pace_/, (value) => minus(fixed.format(value))],
	[/_eur$/, (value) => euros.format(value)],
	[/month$/, (value) => months.format(value)],
	[/./, (value) => (value instanceof Date ? days.format(value) : number(value))]
];

const UNKNOWN = { label: 'Non montré', symbol: '–' };

const minus = (text) => text.replace('-', '\u2212');

export function number(value) {
	return minus((Number.isInteger(value) ? integers : decimals).format(value));
}

/** The text of a value of column `id`; a dash where there is none. */
export function write(id, value) {
	if (value === null || value === undefined || value === '') return '–';
	if (typeof value === 'string') return value;
	if (typeof value === 'boolean') return value ? 'Oui' : 'Non';
	return styles.find(([name]) => name.test(id))[1](value);
}

/** Why a cell has no figure, from its status; nothing where it has one. */
export function reason(row, id) {
	const status = row[`${id}_status`];
	return status && status !== 'shown' ? (edition.statuses[status] ?? UNKNOWN) : undefined;
}
