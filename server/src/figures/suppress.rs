//! Which numbers of a table are kept back, so that nobody is recognised behind a small one.
//!
//! Invariant: from what is shown no number that is kept back can be computed: neither as the rest
//! of a row or a column, nor over several of them, and what is kept back of a row or column whose
//! sum is shown is together no small number. What stays possible (bounds, and comparing tables of
//! different months) is told in docs/transparency.md.

/// Smaller numbers are kept back; nothing at all is no number.
pub const LEAST: u64 = 5;

/// Is it a number behind which somebody could be recognised?
#[must_use]
pub fn is_small(number: u64) -> bool {
    (1..LEAST).contains(&number)
}

/// A table whose last row and last column are the sums of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<T>(Vec<Vec<T>>);

impl<T> Table<T> {
    /// Of rows that are all of one length.
    #[must_use]
    pub fn new(rows: Vec<Vec<T>>) -> Self {
        Self(rows)
    }

    /// What stands in a row and column.
    #[must_use]
    pub fn at(&self, row: usize, column: usize) -> Option<&T> {
        self.0.get(row)?.get(column)
    }

    #[cfg(test)]
    fn places(&self) -> impl Iterator<Item = Place> + use<T> {
        let columns = self.0.first().map_or(0, Vec::len);
        (0..self.0.len()).flat_map(move |row| (0..columns).map(move |column| (row, column)))
    }

    /// The same table of something else.
    #[must_use]
    pub fn map<U>(&self, mut each: impl FnMut(&T) -> U) -> Table<U> {
        Table(self.0.iter().map(|row| row.iter().map(&mut each).collect()).collect())
    }

    /// Two tables of one shape made one.
    #[must_use]
    pub fn zip<U, V>(&self, other: &Table<U>, with: impl Fn(&T, &U) -> V) -> Table<V> {
        let row = |(mine, theirs): (&Vec<T>, &Vec<U>)| {
            mine.iter().zip(theirs).map(|(mine, theirs)| with(mine, theirs)).collect()
        };
        Table(self.0.iter().zip(&other.0).map(row).collect())
    }
}

type Place = (usize, usize);

/// What to keep back of tables that are shown and kept back together (refused and not refused),
/// `small` being kept back to begin with: as little more as it takes.
#[must_use]
pub fn kept_back(numbers: &[Table<u64>], small: Table<bool>) -> Table<bool> {
    let mut hiding = Hiding { numbers, hidden: small };
    while let Some(place) = hiding.next() {
        hiding.hidden.0[place.0][place.1] = true;
    }
    hiding.hidden
}

/// What to keep back of numbers whose sum is shown.
#[must_use]
pub fn kept_back_of(numbers: &[u64]) -> Vec<bool> {
    let mut hidden: Vec<bool> = numbers.iter().map(|number| is_small(*number)).collect();
    loop {
        let kept: Vec<u64> =
            numbers.iter().zip(&hidden).filter(|(_, hidden)| **hidden).map(|(n, _)| *n).collect();
        let safe = kept.is_empty() || kept.len() > 1 && kept.iter().sum::<u64>() >= LEAST;
        let shown = (0..numbers.len()).filter(|at| !hidden[*at]);
        match shown.min_by_key(|at| (numbers[*at] == 0, numbers[*at])) {
            Some(next) if !safe => hidden[next] = true,
            _ => return hidden,
        }
    }
}

struct Hiding<'a> {
    numbers: &'a [Table<u64>],
    hidden: Table<bool>,
}

impl Hiding<'_> {
    /// What else must be kept back; none when nothing can be computed.
    fn next(&self) -> Option<Place> {
        let unsafe_line = self.lines().find(|line| !self.is_safe(line));
        if let Some(more) = unsafe_line.and_then(|line| self.best_of(&line)) {
            return Some(more);
        }
        bridges(&self.hidden).into_iter().find_map(|(row, column)| {
            let [of_row, of_column] = [self.row(row), self.column(column)];
            self.best_of(&of_row).or_else(|| self.best_of(&of_column))
        })
    }

    fn row(&self, row: usize) -> Vec<Place> {
        (0..self.columns()).map(|column| (row, column)).collect()
    }

    fn column(&self, column: usize) -> Vec<Place> {
        (0..self.hidden.0.len()).map(|row| (row, column)).collect()
    }

    fn lines(&self) -> impl Iterator<Item = Vec<Place>> {
        let rows = (0..self.hidden.0.len()).map(|row| self.row(row));
        rows.chain((0..self.columns()).map(|column| self.column(column)))
    }

    fn columns(&self) -> usize {
        self.hidden.0.first().map_or(0, Vec::len)
    }

    /// The last place of a line is the sum of the others.
    fn is_safe(&self, line: &[Place]) -> bool {
        let Some((sum, parts)) = line.split_last() else { return true };
        let kept: Vec<Place> =
            parts.iter().copied().filter(|place| self.is_hidden(*place)).collect();
        let together = |table: &Table<u64>| kept.iter().map(|(r, c)| table.0[*r][*c]).sum::<u64>();
        match (kept.len(), self.is_hidden(*sum)) {
            (0, sum_hidden) => !sum_hidden,
            (_, true) => true,
            (1, false) => false,
            (_, false) => self.numbers.iter().all(|table| together(table) >= LEAST),
        }
    }

    /// The place of a line whose number is missed least: a small one before a large one, where
    /// something is kept back across already before where nothing is, nothing at all after that,
    /// and the sum last.
    fn best_of(&self, line: &[Place]) -> Option<Place> {
        let last = line.len().checked_sub(1)?;
        let shown = line.iter().enumerate().filter(|(_, place)| !self.is_hidden(**place));
        let across = |(row, column): Place| {
            let hidden = |line: Vec<Place>| line.iter().filter(|p| self.is_hidden(**p)).count();
            hidden(self.row(row)) + hidden(self.column(column)) > hidden(line.to_vec())
        };
        let best = shown.min_by_key(|(at, place)| {
            let number = self.number(**place);
            (*at == last, number == 0, !across(**place), number)
        });
        best.map(|(_, place)| *place)
    }

    fn is_hidden(&self, (row, column): Place) -> bool {
        self.hidden.0[row][column]
    }

    fn number(&self, (row, column): Place) -> u64 {
        self.numbers.first().map_or(0, |table| table.0[row][column])
    }
}

/// The places that the others determine. Rows and columns are the nodes of a graph, what is kept
/// back joins a row to a column; a number can be computed exactly when its edge lies on no circle
/// (Gusfield, A graph theoretic approach to statistical data security, SIAM J. Comput. 17, 1988).
fn bridges(hidden: &Table<bool>) -> Vec<Place> {
    let rows = hidden.0.len();
    let columns = hidden.0.first().map_or(0, Vec::len);
    let mut search = Search {
        hidden,
        rows,
        entered: vec![0; rows + columns],
        lowest: vec![0; rows + columns],
        clock: 0,
        found: Vec::new(),
    };
    for node in 0..rows + columns {
        if search.entered[node] == 0 {
            search.visit(node, None);
        }
    }
    search.found
}

struct Search<'a> {
    hidden: &'a Table<bool>,
    rows: usize,
    entered: Vec<usize>,
    lowest: Vec<usize>,
    clock: usize,
    found: Vec<Place>,
}

impl Search<'_> {
    fn visit(&mut self, node: usize, from: Option<usize>) {
        self.clock += 1;
        self.entered[node] = self.clock;
        self.lowest[node] = self.clock;
        for next in self.neighbours(node) {
            if Some(next) == from {
                continue;
            }
            if self.entered[next] == 0 {
                self.visit(next, Some(node));
                self.lowest[node] = self.lowest[node].min(self.lowest[next]);
                if self.lowest[next] > self.entered[node] {
                    let (row, column) = (node.min(next), node.max(next) - self.rows);
                    self.found.push((row, column));
                }
            } else {
                self.lowest[node] = self.lowest[node].min(self.entered[next]);
            }
        }
    }

    fn neighbours(&self, node: usize) -> Vec<usize> {
        let Self { hidden, rows, .. } = self;
        match node.checked_sub(*rows) {
            None => {
                let row = hidden.0[node].iter().enumerate();
                row.filter(|(_, hidden)| **hidden).map(|(column, _)| rows + column).collect()
            }
            Some(column) => (0..*rows).filter(|row| hidden.0[*row][column]).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
