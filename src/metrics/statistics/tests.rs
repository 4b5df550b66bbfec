use super::*;
use crate::metrics::statistics::quantile::quantile;

const NODE: [f64; 10] = [
    162.83, 167.62, 135.38, 164.32, 166.93, 170.33, 162.07, 164.93, 158.57, 164.95,
];

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn quartiles_are_of_type_7_and_whiskers_end_at_measured_numbers() {
    let summary = Summary::from_values(&NODE).unwrap();
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
fn one_number_is_every_quantile_and_no_numbers_have_no_summary() {
    let one = Summary::from_values(&[7.5]).unwrap();
    assert_eq!((one.q1, one.median, one.q3), (7.5, 7.5, 7.5));
    assert_eq!(one.whiskers, (7.5, 7.5));
    assert!(one.outliers.is_empty());
    assert_eq!(Summary::from_values(&[]), None);
    assert_eq!(quantile(&[], 0.5), None);
}

#[test]
fn quantiles_include_the_extremes_and_the_median() {
    let values = [4.0, 1.0, 3.0, 2.0];
    assert_eq!(quantile(&values, 0.0), Some(1.0));
    assert_eq!(quantile(&values, 1.0), Some(4.0));
    assert_eq!(median(&values), Some(2.5));
}

#[test]
fn a_tail_needs_enough_numbers() {
    let values: Vec<_> = (0..20).map(f64::from).collect();
    let summary = Summary::from_values(&values).unwrap();
    assert!(summary.tail(0.95).is_some_and(|p95| close(p95, 18.05)));
    assert_eq!(summary.tail(0.99), None);
    assert_eq!(
        Summary::from_values(&values[..19]).unwrap().tail(0.05),
        None
    );
}

#[test]
fn the_interval_of_equal_samples_contains_one() {
    let ratio = ratio(&NODE, &NODE, DRAWS, 7).unwrap();
    assert!(close(ratio.point, 1.0));
    assert!(ratio.contains_one(), "{ratio:?}");
    assert!(ratio.low < 1.0 && ratio.high > 1.0, "{ratio:?}");
}

#[test]
fn a_real_difference_is_detected_and_reproducible_by_its_seed() {
    let half: Vec<_> = NODE.iter().map(|value| value / 2.0).collect();
    let first = ratio(&half, &NODE, DRAWS, 7).unwrap();
    assert!(close(first.point, 0.5));
    assert!(!first.contains_one(), "{first:?}");
    assert!(first.low > 0.45 && first.high < 0.55, "{first:?}");
    assert_eq!(ratio(&half, &NODE, DRAWS, 7), Some(first));
    assert_ne!(ratio(&half, &NODE, DRAWS, 8), Some(first));
}

#[test]
fn an_empty_or_zero_base_has_no_ratio() {
    assert_eq!(ratio(&NODE, &[], DRAWS, 1), None);
    assert_eq!(ratio(&NODE, &[0.0, 0.0], DRAWS, 1), None);
}
