use super::*;

fn sums(filed: u64, approved: u64, refused: u64) -> Sums {
    let mut sums = Sums { filed, approved, refused, ..Sums::default() };
    (0..sums.decided()).for_each(|days| sums.agency.add(u32::try_from(days).unwrap_or_default()));
    sums
}

#[test]
fn whoever_is_few_is_not_shown_and_not_the_rest_either() {
    let table = vec![vec![sums(40, 30, 8), sums(50, 44, 3)], vec![sums(60, 50, 9), sums(7, 2, 1)]];
    let (table, kept) = protect(table);
    let shown = table.zip(&kept, |sums, kept| Shown::of(sums, *kept));
    let at = |row, column| shown.at(row, column).cloned().unwrap_or_default();
    // Three decided: neither they nor their waits, and one beside and one above with them.
    assert_eq!((at(1, 1).decided, at(1, 1).agency, at(1, 1).filed), (None, None, Some(7)));
    assert_eq!((at(1, 0).decided, at(0, 1).decided, at(0, 0).decided), (None, None, None));
    assert_eq!((at(2, 2).decided, at(0, 2).decided), (Some(147), Some(85)));
    // Three refused of many: kept back, and what is approved with them.
    assert_eq!((at(0, 1).refused, at(0, 1).approved), (None, None));
    assert_eq!((at(2, 2).refused, at(2, 2).approved), (Some(21), Some(126)));
    assert!(at(2, 2).agency.is_some());
}

#[test]
fn where_nearly_all_were_refused_the_few_others_are_protected() {
    let (table, kept) = protect(vec![vec![sums(43, 3, 40), sums(60, 30, 30)]]);
    let shown = table.zip(&kept, |sums, kept| Shown::of(sums, *kept));
    let at = |column| shown.at(0, column).cloned().unwrap_or_default();
    assert_eq!((at(0).decided, at(0).refused, at(0).approved), (Some(43), None, None));
    assert_eq!((at(1).refused, at(2).refused), (None, Some(70)));
}

#[test]
fn the_ninth_of_ten_is_told_of_ten_and_more() {
    let kept = KeptBack::default();
    let few = Shown::of(&sums(9, 9, 0), kept).agency;
    assert_eq!(few, Some(Waited { median: 4, ninth: None }));
    let many = Shown::of(&sums(10, 10, 0), kept).agency;
    assert_eq!(many, Some(Waited { median: 4, ninth: Some(8) }));
}

#[test]
fn offices_beside_each_other_protect_each_other() {
    let shown = protect_offices(&[sums(3, 0, 0), sums(30, 20, 9), sums(40, 30, 9)]);
    let filed: Vec<Option<u64>> = shown.iter().map(|office| office.filed).collect();
    assert_eq!(filed, [None, None, Some(40)]);
    let alone = protect_offices(&[sums(30, 20, 9)]);
    assert_eq!(alone[0].filed, Some(30));
}

#[test]
fn reasons_that_are_few_are_named_without_a_number() {
    let counts = [("a", 2), ("b", 9), ("c", 30)].map(|(code, number)| (code.to_owned(), number));
    let reasons = reasons(&counts.into(), &str::to_uppercase);
    let told: Vec<(&str, Option<u64>)> =
        reasons.iter().map(|reason| (reason.title.as_str(), reason.number)).collect();
    assert_eq!(told, [("C", Some(30)), ("A", None), ("B", None)]);
}
