//! Draws horizontal boxes as SVG. Labels can be long, and there can be many.

use std::fmt::Write;

use crate::metrics::box_plot::plot::{BoxPlot, MIN_BOX_COUNT, Panel, Series, scale};
use crate::metrics::statistics::Summary;

/// The minimum width of the picture. All lengths are in pixels.
const MIN_WIDTH: f64 = 960.0;
/// The minimum length of the axis. With long labels, the picture is wider.
const MIN_AXIS: f64 = 480.0;
const MARGIN: f64 = 24.0;
const ROW_HEIGHT: f64 = 26.0;
const BOX_HEIGHT: f64 = 14.0;
/// The width of the median and the count on the right.
const FIGURES_WIDTH: f64 = 132.0;
/// The approximate width of a character of a label.
const CHARACTER_WIDTH: f64 = 6.9;
/// The maximum number of characters of a label, which is enough for Lambda's longest names.
/// A tooltip contains the whole label.
const MAX_LABEL: usize = 96;

/// Okabe and Ito's colors, which color-blind people can distinguish:
/// <https://jfly.uni-koeln.de/color/>.
const COLORS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b6b6b",
];

pub(crate) fn svg(plot: &BoxPlot) -> String {
    let left = MARGIN + label_width(plot) + 12.0;
    let right = (MIN_WIDTH - MARGIN - FIGURES_WIDTH).max(left + MIN_AXIS);
    let mut body = String::new();
    let mut y = MARGIN + 16.0;
    text(&mut body, MARGIN, y, "class=\"title\"", &plot.title);
    y += 14.0;
    for panel in &plot.panels {
        y = draw_panel(&mut body, panel, (left, right), y);
    }
    y += 22.0;
    let notes = [
        plot.note.as_str(),
        "Box: quartiles and median. Whiskers: farthest value within 1.5 interquartile ranges. \
         Circles: values beyond them, or all values if there are fewer than 5.",
    ];
    for note in notes.iter().filter(|note| !note.is_empty()) {
        text(&mut body, MARGIN, y, "class=\"note\"", note);
        y += 15.0;
    }
    let height = number(y + MARGIN - 12.0);
    let width = number(right + FIGURES_WIDTH + MARGIN);
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

/// Draws a panel below `y`, with its axis from `left` to `right`. Returns its bottom.
fn draw_panel(body: &mut String, panel: &Panel, (left, right): (f64, f64), y: f64) -> f64 {
    let values = panel.series.iter().flat_map(|series| &series.values);
    let (end, step) = scale(values.copied().fold(0.0, f64::max));
    let x = |value: f64| left + value / end * (right - left);
    let top = y + 34.0;
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are fewer than 2^53 series"
    )]
    let bottom = top + panel.series.len() as f64 * ROW_HEIGHT;
    text(body, MARGIN, y + 20.0, "class=\"panel\"", &panel.title);
    for (head, offset) in [("median", 68.0), ("n", FIGURES_WIDTH)] {
        text(
            body,
            right + offset,
            y + 26.0,
            "class=\"head\" text-anchor=\"end\"",
            head,
        );
    }
    let mut mark = 0.0;
    while mark <= end + step / 2.0 {
        let mark_x = number(x(mark));
        let color = if mark == 0.0 { "#8c959f" } else { "#e3e6ea" };
        let _ = writeln!(
            body,
            "<path d=\"M{mark_x} {}V{}\" stroke=\"{color}\"/>",
            number(top),
            number(bottom + 4.0)
        );
        let label = number(mark);
        text(
            body,
            x(mark),
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
    let mut middle = top + ROW_HEIGHT / 2.0;
    for series in &panel.series {
        draw_row(body, series, left, middle, right, &x);
        middle += ROW_HEIGHT;
    }
    bottom + 26.0
}

/// Draws a label, its box, and the numbers after it.
fn draw_row(
    body: &mut String,
    series: &Series,
    left: f64,
    y: f64,
    right: f64,
    x: &dyn Fn(f64) -> f64,
) {
    let base = y + 4.0;
    let label = shortened(&series.label);
    let end = "text-anchor=\"end\"";
    let _ = writeln!(
        body,
        "<g><title>{}</title><text x=\"{}\" y=\"{}\" {end}>{}</text></g>",
        escaped(&series.label),
        number(left - 10.0),
        number(base),
        escaped(&label)
    );
    let count = series.values.len().to_string();
    text(
        body,
        right + FIGURES_WIDTH,
        base,
        "class=\"figure\" text-anchor=\"end\"",
        &count,
    );
    let Some(summary) = Summary::from_values(&series.values) else {
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
    let color = COLORS[series.color % COLORS.len()];
    let _ = writeln!(
        body,
        "<g stroke=\"{color}\" stroke-width=\"1.5\" fill=\"none\">"
    );
    let points = if summary.count() < MIN_BOX_COUNT {
        summary.sorted()
    } else {
        draw_box(body, &summary, y, color, x);
        &summary.outliers
    };
    // There can be thousands of points at the same place.
    let mut centers: Vec<_> = points.iter().map(|point| number(x(*point))).collect();
    centers.dedup();
    for center in centers {
        let _ = writeln!(
            body,
            "<circle cx=\"{center}\" cy=\"{}\" r=\"3\"/>",
            number(y)
        );
    }
    body.push_str("</g>\n");
}

fn draw_box(body: &mut String, summary: &Summary, y: f64, color: &str, x: &dyn Fn(f64) -> f64) {
    let (low, high) = (number(x(summary.whiskers.0)), number(x(summary.whiskers.1)));
    let (q1, q3) = (x(summary.q1), x(summary.q3));
    let (top, bottom) = (number(y - BOX_HEIGHT / 2.0), number(y + BOX_HEIGHT / 2.0));
    let (cap, foot) = (number(y - 4.0), number(y + 4.0));
    let (y, median) = (number(y), number(x(summary.median)));
    let _ = writeln!(
        body,
        "<path d=\"M{low} {y}H{}M{} {y}H{high}M{low} {cap}V{foot}M{high} {cap}V{foot}\"/>\n\
         <rect x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{BOX_HEIGHT}\" fill=\"{color}\" \
         fill-opacity=\"0.2\"/>\n\
         <path d=\"M{median} {top}V{bottom}\" stroke-width=\"2.5\"/>",
        number(q1),
        number(q3),
        number(q1),
        number((q3 - q1).max(0.5)),
    );
}

fn text(body: &mut String, x: f64, y: f64, attributes: &str, content: &str) {
    let (x, y) = (number(x), number(y));
    let _ = writeln!(
        body,
        "<text x=\"{x}\" y=\"{y}\" {attributes}>{}</text>",
        escaped(content)
    );
}

/// The width of the longest label.
fn label_width(plot: &BoxPlot) -> f64 {
    let series = plot.panels.iter().flat_map(|panel| &panel.series);
    let longest = series.map(|series| series.label.chars().count()).max();
    #[expect(clippy::cast_precision_loss, reason = "it is at most MAX_LABEL")]
    let characters = longest.unwrap_or(0).min(MAX_LABEL) as f64;
    characters * CHARACTER_WIDTH
}

/// Removes the middle of a label that is too long, because names differ at their ends.
fn shortened(label: &str) -> String {
    let characters: Vec<_> = label.chars().collect();
    if characters.len() <= MAX_LABEL {
        return label.to_owned();
    }
    let half = (MAX_LABEL - 1) / 2;
    let start = characters[..half].iter();
    let end = characters[characters.len() - half..].iter();
    start.chain(['…'].iter()).chain(end).collect()
}

/// Writes a number with at most two digits after the point.
fn number(value: f64) -> String {
    let padded = format!("{value:.2}");
    match padded.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

/// Escapes characters with a meaning in XML, and replaces those that XML does not allow.
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
