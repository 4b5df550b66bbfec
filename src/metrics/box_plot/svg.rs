//! Boxes as SVG, lying: labels may be long, and there may be many.

use std::fmt::Write;

use crate::metrics::box_plot::{BoxPlot, FEWEST, Panel, Series, scale};
use crate::metrics::statistics::Summary;

/// The picture's least width; all lengths are in pixels.
const WIDTH: f64 = 960.0;
/// The axis's least length: a picture with long labels is wider.
const AXIS: f64 = 480.0;
const MARGIN: f64 = 24.0;
const ROW: f64 = 26.0;
const BOX: f64 = 14.0;
/// For the median and the number of numbers, on the right.
const FIGURES: f64 = 132.0;
/// About what a character of a label takes at 12 pixels.
const CHARACTER: f64 = 6.9;
/// The longest label in characters, which is more than Lambda's longest name makes; the
/// whole is told when it is pointed at.
const LONGEST: usize = 96;

/// Okabe and Ito's colours, which people who see fewer colours can tell apart:
/// <https://jfly.uni-koeln.de/color/>.
const COLOURS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b6b6b",
];

pub(crate) fn svg(plot: &BoxPlot) -> String {
    let left = MARGIN + label_width(plot) + 12.0;
    let right = (WIDTH - MARGIN - FIGURES).max(left + AXIS);
    let mut body = String::new();
    let mut y = MARGIN + 16.0;
    text(&mut body, MARGIN, y, "class=\"title\"", &plot.title);
    y += 14.0;
    for panel in &plot.panels {
        y = draw(&mut body, panel, (left, right), y);
    }
    y += 22.0;
    let notes = [
        plot.note.as_str(),
        "Box: quartiles and median. Whiskers: farthest value within 1.5 interquartile ranges. \
         Circles: values beyond, or all of fewer than 5.",
    ];
    for note in notes.iter().filter(|note| !note.is_empty()) {
        text(&mut body, MARGIN, y, "class=\"note\"", note);
        y += 15.0;
    }
    let height = number(y + MARGIN - 12.0);
    let width = number(right + FIGURES + MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n\
         <style>\ntext {{ font: 12px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; \
         fill: #1f2328 }}\n.title {{ font-size: 16px; font-weight: 600 }}\n\
         .panel {{ font-size: 13px; font-weight: 600 }}\n\
         .note, .mark, .head {{ font-size: 11px; fill: #59636e }}\n\
         .figure {{ font-variant-numeric: tabular-nums }}\n</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n",
        escaped(&plot.title)
    )
}

/// Draws a panel from `y` on, its axis from left to right; says where it ends.
fn draw(body: &mut String, panel: &Panel, (left, right): (f64, f64), y: f64) -> f64 {
    let values = panel.series.iter().flat_map(|series| &series.values);
    let (end, step) = scale(values.copied().fold(0.0, f64::max));
    let x = |value: f64| left + value / end * (right - left);
    let top = y + 34.0;
    #[expect(clippy::cast_precision_loss, reason = "nobody has so many series")]
    let bottom = top + panel.series.len() as f64 * ROW;
    text(body, MARGIN, y + 20.0, "class=\"panel\"", &panel.title);
    for (head, place) in [("median", 68.0), ("n", FIGURES)] {
        let place = right + place;
        text(
            body,
            place,
            y + 26.0,
            "class=\"head\" text-anchor=\"end\"",
            head,
        );
    }
    let mut mark = 0.0;
    while mark <= end + step / 2.0 {
        let at = number(x(mark));
        let colour = if mark == 0.0 { "#8c959f" } else { "#e3e6ea" };
        let _ = writeln!(
            body,
            "<path d=\"M{at} {}V{}\" stroke=\"{colour}\"/>",
            number(top),
            number(bottom + 4.0)
        );
        let label = number(mark);
        let at = x(mark);
        text(
            body,
            at,
            bottom + 18.0,
            "class=\"mark\" text-anchor=\"middle\"",
            &label,
        );
        mark += step;
    }
    text(
        body,
        right + 18.0,
        bottom + 18.0,
        "class=\"mark\"",
        &panel.unit,
    );
    let mut middle = top + ROW / 2.0;
    for series in &panel.series {
        row(body, series, left, middle, right, &x);
        middle += ROW;
    }
    bottom + 26.0
}

/// Draws a label, its box, and the numbers behind it.
fn row(body: &mut String, series: &Series, left: f64, y: f64, right: f64, x: &dyn Fn(f64) -> f64) {
    let base = y + 4.0;
    let shown = shortened(&series.label);
    let end = "text-anchor=\"end\"";
    let _ = writeln!(
        body,
        "<g><title>{}</title><text x=\"{}\" y=\"{}\" {end}>{}</text></g>",
        escaped(&series.label),
        number(left - 10.0),
        number(base),
        escaped(&shown)
    );
    let count = series.values.len().to_string();
    text(
        body,
        right + FIGURES,
        base,
        "class=\"figure\" text-anchor=\"end\"",
        &count,
    );
    let Some(summary) = Summary::of(&series.values) else {
        return;
    };
    let median = format!("{:.2}", summary.median);
    text(
        body,
        right + 68.0,
        base,
        "class=\"figure\" text-anchor=\"end\"",
        &median,
    );
    let colour = COLOURS[series.colour % COLOURS.len()];
    let _ = writeln!(
        body,
        "<g stroke=\"{colour}\" stroke-width=\"1.5\" fill=\"none\">"
    );
    let points = if summary.count() < FEWEST {
        summary.sorted()
    } else {
        boxed(body, &summary, y, colour, x);
        &summary.outliers
    };
    // Thousands of points on one spot are one point.
    let mut places: Vec<_> = points.iter().map(|point| number(x(*point))).collect();
    places.dedup();
    for place in places {
        let _ = writeln!(
            body,
            "<circle cx=\"{place}\" cy=\"{}\" r=\"3\"/>",
            number(y)
        );
    }
    body.push_str("</g>\n");
}

fn boxed(body: &mut String, summary: &Summary, y: f64, colour: &str, x: &dyn Fn(f64) -> f64) {
    let (low, high) = (number(x(summary.whiskers.0)), number(x(summary.whiskers.1)));
    let (q1, q3) = (x(summary.q1), x(summary.q3));
    let (top, bottom) = (number(y - BOX / 2.0), number(y + BOX / 2.0));
    let (cap, foot) = (number(y - 4.0), number(y + 4.0));
    let (y, median) = (number(y), number(x(summary.median)));
    let _ = writeln!(
        body,
        "<path d=\"M{low} {y}H{}M{} {y}H{high}M{low} {cap}V{foot}M{high} {cap}V{foot}\"/>\n\
         <rect x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{BOX}\" fill=\"{colour}\" \
         fill-opacity=\"0.2\"/>\n\
         <path d=\"M{median} {top}V{bottom}\" stroke-width=\"2.5\"/>",
        number(q1),
        number(q3),
        number(q1),
        number((q3 - q1).max(0.5)),
    );
}

fn text(body: &mut String, x: f64, y: f64, more: &str, words: &str) {
    let (x, y) = (number(x), number(y));
    let _ = writeln!(
        body,
        "<text x=\"{x}\" y=\"{y}\" {more}>{}</text>",
        escaped(words)
    );
}

/// What the longest label takes.
fn label_width(plot: &BoxPlot) -> f64 {
    let series = plot.panels.iter().flat_map(|panel| &panel.series);
    let longest = series.map(|series| series.label.chars().count()).max();
    #[expect(clippy::cast_precision_loss, reason = "it is at most LONGEST")]
    let characters = longest.unwrap_or(0).min(LONGEST) as f64;
    characters * CHARACTER
}

/// A label that is too long loses its middle: names differ at their ends.
fn shortened(label: &str) -> String {
    let characters: Vec<_> = label.chars().collect();
    if characters.len() <= LONGEST {
        return label.to_owned();
    }
    let half = (LONGEST - 1) / 2;
    let start = characters[..half].iter();
    let end = characters[characters.len() - half..].iter();
    start.chain(['…'].iter()).chain(end).collect()
}

/// With two digits behind the point at most.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// What XML takes for itself, and what it does not take at all.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
