use super::*;
use crate::metrics::statistics::Summary;

fn series(label: &str, values: &[f64]) -> Series {
    Series {
        label: label.to_owned(),
        colour: 0,
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
fn the_axis_ends_at_a_round_number_that_holds_all() {
    assert_eq!(scale(170.33), (200.0, 50.0));
    assert_eq!(scale(100.0), (100.0, 20.0));
    assert_eq!(scale(0.0), (1.0, 0.5));
    assert_eq!(scale(f64::NAN), (1.0, 0.5));
    for greatest in [0.0123, 1.0, 7.3, 99.9, 10_007.33] {
        let (end, step) = scale(greatest);
        assert!(end >= greatest && end <= greatest + step, "{greatest}");
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
fn fewer_than_five_are_points_alone() {
    let few = svg(&plot(vec![series("few", &NODE[..4])]));
    assert_eq!(few.matches("<circle").count(), 4);
    assert_eq!(few.matches("fill-opacity").count(), 0);
    let none = svg(&plot(vec![series("none", &[])]));
    assert!(none.contains(">none<") && !none.contains("<circle"));
}

#[test]
fn what_xml_does_not_take_is_no_part_of_it() {
    let svg = svg(&plot(vec![series("<a>\"\u{1}&", &NODE)]));
    assert!(svg.contains("&lt;a&gt;&quot;\u{fffd}&amp;"), "{svg}");
}

#[test]
fn a_long_label_loses_its_middle_and_is_told_whole() {
    let label = format!("start-{}-end", "x".repeat(100));
    let svg = svg(&plot(vec![series(&label, &NODE)]));
    assert!(svg.contains(&format!("<title>{label}</title>")));
    assert!(svg.contains("…") && svg.contains("x-end</text>"), "{svg}");
}

#[test]
fn the_same_numbers_give_the_same_bytes_in_whatever_order() {
    let mut turned = NODE;
    turned.reverse();
    let one = svg(&plot(vec![series("node", &NODE)]));
    assert_eq!(one, svg(&plot(vec![series("node", &turned)])));
}

#[test]
fn a_box_on_a_line() {
    let of = |values: &[f64]| line(&Summary::of(values).unwrap(), 10.0, 11);
    assert_eq!(of(&[1.0, 2.0, 3.0, 4.0, 5.0]), " ├▒┃▒┤     ");
    // The box hides the whisker that ends in it.
    assert_eq!(of(&[1.0, 2.0, 3.0, 4.0, 5.0, 10.0]), " ├▒▒┃▒    ∘");
    assert_eq!(of(&[1.0, 9.0]), " ∘       ∘ ");
    assert_eq!(of(&[3.0; 5]), "   ┃       ");
    assert_eq!(line(&Summary::of(&[1.0]).unwrap(), 0.0, 0), "");
}
