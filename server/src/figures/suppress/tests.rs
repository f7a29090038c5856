use proptest::prelude::*;

use super::*;

fn with_sums(parts: &[Vec<u64>]) -> Table<u64> {
    let mut rows: Vec<Vec<u64>> = parts.to_vec();
    for row in &mut rows {
        row.push(row.iter().sum());
    }
    let columns = rows.first().map_or(0, Vec::len);
    let sums = (0..columns).map(|column| rows.iter().map(|row| row[column]).sum()).collect();
    rows.push(sums);
    Table::new(rows)
}

fn hide(parts: &[Vec<u64>]) -> (Table<u64>, Table<bool>) {
    let numbers = with_sums(parts);
    let small = numbers.map(|number| is_small(*number));
    let hidden = kept_back(std::slice::from_ref(&numbers), small);
    (numbers, hidden)
}

fn shown(parts: &[Vec<u64>]) -> Vec<String> {
    let (numbers, hidden) = hide(parts);
    let line = |(numbers, hidden): (&Vec<u64>, &Vec<bool>)| {
        let cells = numbers.iter().zip(hidden);
        let cells = cells.map(|(n, hidden)| if *hidden { "*".to_owned() } else { n.to_string() });
        cells.collect::<Vec<_>>().join(" ")
    };
    numbers.0.iter().zip(&hidden.0).map(line).collect()
}

#[test]
fn a_small_number_takes_another_of_its_row_and_of_its_column_with_it() {
    let table = [vec![3, 20, 30], vec![40, 50, 60], vec![70, 80, 90]];
    assert_eq!(shown(&table), ["* * 30 53", "* * 60 150", "70 80 90 240", "113 150 180 443"]);
}

#[test]
fn where_nothing_is_small_everything_is_shown() {
    let table = [vec![0, 20], vec![5, 0]];
    assert_eq!(shown(&table), ["0 20 20", "5 0 5", "5 20 25"]);
}

#[test]
fn two_small_ones_that_are_small_together_take_a_third() {
    assert_eq!(kept_back_of(&[1, 1, 30, 40]), [true, true, true, false]);
    assert_eq!(kept_back_of(&[3, 3, 30]), [true, true, false]);
    assert_eq!(kept_back_of(&[3, 30, 9]), [true, false, true]);
    assert_eq!(kept_back_of(&[0, 30, 9]), [false, false, false]);
    assert_eq!(kept_back_of(&[3]), [true]);
    assert_eq!(kept_back_of(&[]), [] as [bool; 0]);
}

#[test]
fn the_rest_of_a_number_is_protected_with_it() {
    // Of 10, 11, 40 and 50 decided, all but one or two of the first two were refused.
    let refused = with_sums(&[vec![9, 10, 20, 25]]);
    let others = with_sums(&[vec![1, 1, 20, 25]]);
    let small = others.map(|number| is_small(*number));
    let hidden = kept_back(&[refused, others], small);
    assert_eq!(hidden.0[0], [true, true, true, false, false]);
}

#[test]
fn one_edge_between_two_circles_is_found() {
    // Two circles of four, joined by the number in the middle alone: each row and column has two
    // or more that are kept back, and yet the one in the middle could be computed.
    let hidden = [
        "**....", //
        "***...", // the third is the bridge
        "...**.", //
        "..***.", //
        "......",
    ];
    let rows = hidden.iter().map(|row| row.chars().map(|c| c == '*').collect()).collect();
    let found = bridges(&Table::new(rows));
    assert_eq!(found, [(3, 2), (1, 2)]);
}

/// Those that are kept back and follow from the rest: by linear algebra over a prime field, which
/// shares nothing with the search for bridges.
fn computable(hidden: &Table<bool>) -> Vec<Place> {
    const PRIME: i64 = 1_000_003;
    let unknown: Vec<Place> = hidden.places().filter(|(r, c)| hidden.0[*r][*c]).collect();
    let (rows, columns) = (hidden.0.len(), hidden.0[0].len());
    let equation = |line: &dyn Fn(Place) -> Option<bool>| -> Vec<i64> {
        let sign = |place: &Place| match line(*place) {
            None => 0,
            Some(false) => 1,
            Some(true) => PRIME - 1,
        };
        unknown.iter().map(sign).collect()
    };
    let mut matrix: Vec<Vec<i64>> = Vec::new();
    for row in 0..rows {
        matrix.push(equation(&|(r, c)| (r == row).then_some(c + 1 == columns)));
    }
    for column in 0..columns {
        matrix.push(equation(&|(r, c)| (c == column).then_some(r + 1 == rows)));
    }
    let inverse = |number: i64| {
        let (mut result, mut base, mut power) = (1, number, PRIME - 2);
        while power > 0 {
            if power & 1 == 1 {
                result = result * base % PRIME;
            }
            base = base * base % PRIME;
            power >>= 1;
        }
        result
    };
    let mut rank = 0;
    for column in 0..unknown.len() {
        let Some(pivot) = (rank..matrix.len()).find(|row| matrix[*row][column] != 0) else {
            continue;
        };
        matrix.swap(rank, pivot);
        let factor = inverse(matrix[rank][column]);
        matrix[rank].iter_mut().for_each(|value| *value = *value * factor % PRIME);
        let lead = matrix[rank].clone();
        for (at, row) in matrix.iter_mut().enumerate() {
            if at != rank && row[column] != 0 {
                let times = row[column];
                for (value, of_lead) in row.iter_mut().zip(&lead) {
                    *value = (*value + (PRIME - times) * of_lead) % PRIME;
                }
            }
        }
        rank += 1;
    }
    let alone = matrix.iter().filter(|row| row.iter().filter(|value| **value != 0).count() == 1);
    alone.filter_map(|row| row.iter().position(|value| *value != 0)).map(|at| unknown[at]).collect()
}

fn tables() -> impl Strategy<Value = Vec<Vec<u64>>> {
    let number = prop_oneof![3 => Just(0_u64), 4 => 1..5_u64, 5 => 5..60_u64];
    (1..7_usize, 1..7_usize).prop_flat_map(move |(rows, columns)| {
        prop::collection::vec(prop::collection::vec(number.clone(), columns), rows)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_small_is_shown_and_nothing_kept_back_can_be_computed(parts in tables()) {
        let (numbers, hidden) = hide(&parts);
        for (row, column) in numbers.places() {
            let number = numbers.0[row][column];
            prop_assert!(hidden.0[row][column] || !is_small(number), "{number} is shown");
        }
        prop_assert_eq!(computable(&hidden), vec![], "{:?}", shown(&parts));
        let tables = std::slice::from_ref(&numbers);
        let hiding = Hiding { numbers: tables, hidden: hidden.clone() };
        for line in hiding.lines() {
            prop_assert!(hiding.is_safe(&line));
        }
        // As little as it takes: where nothing is small, nothing is kept back.
        let any_small = numbers.places().any(|(r, c)| is_small(numbers.0[r][c]));
        prop_assert!(any_small || !hidden.0.iter().flatten().any(|hidden| *hidden));
    }

    #[test]
    fn of_a_line_nothing_kept_back_is_the_rest_of_its_sum(
        numbers in prop::collection::vec(0..12_u64, 2..9)
    ) {
        let hidden = kept_back_of(&numbers);
        let kept: Vec<u64> =
            numbers.iter().zip(&hidden).filter(|(_, hidden)| **hidden).map(|(n, _)| *n).collect();
        prop_assert!(numbers.iter().zip(&hidden).all(|(n, hidden)| *hidden || !is_small(*n)));
        prop_assert_ne!(kept.len(), 1);
        // What is small together is all there is.
        let all: u64 = numbers.iter().sum();
        prop_assert!(kept.is_empty() || kept.iter().sum::<u64>() >= LEAST || all < LEAST);
    }
}
