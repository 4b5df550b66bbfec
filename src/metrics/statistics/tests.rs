use super::*;

const NODE: [f64; 10] = [
    162.83, 167.62, 135.38, 164.32, 166.93, 170.33, 162.07, 164.93, 158.57, 164.95,
];

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn quartiles_are_of_type_7_and_whiskers_end_at_numbers_that_were_measured() {
    let summary = Summary::of(&NODE).unwrap();
    assert!(close(summary.q1, 162.26), "{summary:?}");
    assert!(close(summary.median, 164.625), "{summary:?}");
    assert!(close(summary.q3, 166.435), "{summary:?}");
    assert_eq!(summary.whiskers, (158.57, 170.33));
    assert_eq!(summary.outliers, [135.38]);
    assert_eq!(
        (summary.count(), summary.min(), summary.max()),
        (10, 135.38, 170.33)
    );
}

#[test]
fn of_one_number_all_is_that_number_and_of_none_nothing_is_said() {
    let one = Summary::of(&[7.5]).unwrap();
    assert_eq!((one.q1, one.median, one.q3), (7.5, 7.5, 7.5));
    assert_eq!(one.whiskers, (7.5, 7.5));
    assert!(one.outliers.is_empty());
    assert_eq!(Summary::of(&[]), None);
    assert_eq!(quantile(&[], 0.5), None);
}

#[test]
fn ends_and_middle_of_quantiles() {
    let values = [4.0, 1.0, 3.0, 2.0];
    assert_eq!(quantile(&values, 0.0), Some(1.0));
    assert_eq!(quantile(&values, 1.0), Some(4.0));
    assert_eq!(median(&values), Some(2.5));
}

#[test]
fn a_tail_needs_numbers() {
    let values: Vec<_> = (0..20).map(f64::from).collect();
    let summary = Summary::of(&values).unwrap();
    assert!(summary.tail(0.95).is_some_and(|p95| close(p95, 18.05)));
    assert_eq!(summary.tail(0.99), None);
    assert_eq!(Summary::of(&values[..19]).unwrap().tail(0.05), None);
}

#[test]
fn a_thing_compared_with_itself_has_a_ratio_that_holds_one() {
    let ratio = ratio(&NODE, &NODE, DRAWS, 7).unwrap();
    assert!(close(ratio.point, 1.0));
    assert!(ratio.holds_one(), "{ratio:?}");
    assert!(ratio.low < 1.0 && ratio.high > 1.0, "{ratio:?}");
}

#[test]
fn half_the_time_is_told_from_the_whole_and_a_seed_tells_it_again() {
    let half: Vec<_> = NODE.iter().map(|value| value / 2.0).collect();
    let first = ratio(&half, &NODE, DRAWS, 7).unwrap();
    assert!(close(first.point, 0.5));
    assert!(!first.holds_one(), "{first:?}");
    assert!(first.low > 0.45 && first.high < 0.55, "{first:?}");
    assert_eq!(ratio(&half, &NODE, DRAWS, 7), Some(first));
    assert_ne!(ratio(&half, &NODE, DRAWS, 8), Some(first));
}

#[test]
fn without_a_base_there_is_no_ratio() {
    assert_eq!(ratio(&NODE, &[], DRAWS, 1), None);
    assert_eq!(ratio(&NODE, &[0.0, 0.0], DRAWS, 1), None);
}
