use super::*;
use crate::metrics::box_plot::plot::scale;
use crate::metrics::statistics::Summary;

fn series(label: &str, values: &[f64]) -> Series {
    Series {
        label: label.to_owned(),
        color: 0,
        values: values.to_vec(),
    }
}

fn plot(series: Vec<Series>) -> BoxPlot {
    BoxPlot {
        title: "a & b".to_owned(),
        note: String::new(),
        panels: vec![Panel {
            title: "Init".to_owned(),
            unit: "ms".to_owned(),
            series,
        }],
    }
}

const NODE: [f64; 10] = [
    162.83, 167.62, 135.38, 164.32, 166.93, 170.33, 162.07, 164.93, 158.57, 164.95,
];

#[test]
fn the_axis_ends_at_a_round_number_above_the_largest_value() {
    assert_eq!(scale(170.33), (200.0, 50.0));
    assert_eq!(scale(100.0), (100.0, 20.0));
    assert_eq!(scale(0.0), (1.0, 0.5));
    assert_eq!(scale(f64::NAN), (1.0, 0.5));
    for max in [0.0123, 1.0, 7.3, 99.9, 10_007.33] {
        let (end, step) = scale(max);
        assert!(end >= max && end <= max + step, "{max}");
    }
}

#[test]
fn a_box_has_its_median_whiskers_and_outlier() {
    let svg = svg(&plot(vec![series("node", &NODE)]));
    assert_eq!(svg.matches("<circle").count(), 1);
    assert_eq!(svg.matches("fill-opacity").count(), 1);
    assert!(
        svg.contains(">164.62<") || svg.contains(">164.63<"),
        "{svg}"
    );
    assert!(svg.contains(">10<"), "{svg}");
    assert!(svg.contains("a &amp; b"));
}

#[test]
fn fewer_than_five_values_are_drawn_as_points() {
    let few = svg(&plot(vec![series("few", &NODE[..4])]));
    assert_eq!(few.matches("<circle").count(), 4);
    assert_eq!(few.matches("fill-opacity").count(), 0);
    let none = svg(&plot(vec![series("none", &[])]));
    assert!(none.contains(">none<") && !none.contains("<circle"));
}

#[test]
fn characters_that_xml_does_not_allow_are_replaced() {
    let svg = svg(&plot(vec![series("<a>\"\u{1}&", &NODE)]));
    assert!(svg.contains("&lt;a&gt;&quot;\u{fffd}&amp;"), "{svg}");
}

#[test]
fn a_long_label_is_shortened_and_complete_in_the_tooltip() {
    let label = format!("start-{}-end", "x".repeat(100));
    let svg = svg(&plot(vec![series(&label, &NODE)]));
    assert!(svg.contains(&format!("<title>{label}</title>")));
    assert!(svg.contains("…") && svg.contains("x-end</text>"), "{svg}");
}

#[test]
fn the_order_of_values_does_not_change_the_bytes() {
    let mut reversed = NODE;
    reversed.reverse();
    let expected = svg(&plot(vec![series("node", &NODE)]));
    assert_eq!(svg(&plot(vec![series("node", &reversed)])), expected);
}

#[test]
fn a_box_is_drawn_on_one_line() {
    let draw = |values: &[f64]| line(&Summary::from_values(values).unwrap(), 10.0, 11);
    assert_eq!(draw(&[1.0, 2.0, 3.0, 4.0, 5.0]), " ├▒┃▒┤     ");
    // The box hides the whisker that ends in it.
    assert_eq!(draw(&[1.0, 2.0, 3.0, 4.0, 5.0, 10.0]), " ├▒▒┃▒    ∘");
    assert_eq!(draw(&[1.0, 9.0]), " ∘       ∘ ");
    assert_eq!(draw(&[3.0; 5]), "   ┃       ");
    assert_eq!(line(&Summary::from_values(&[1.0]).unwrap(), 0.0, 0), "");
}
