//! The sort of V8. Comparing values of mixed types is no order, and then the algorithm decides where they end up: runs,
//! binary insertion and galloping merges must be those of JavaScript's engine.

/// A merge gallops after so many wins in a row.
const MIN_GALLOP: usize = 7;

/// Sorts the indices `0..count`; `less` compares what two of them stand for.
pub(super) fn sorted(count: usize, less: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut sort = Sort {
        items: (0..count).collect(),
        less,
        runs: Vec::new(),
        min_gallop: MIN_GALLOP,
    };
    sort.all();
    sort.items
}

/// A sorted part of the items.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    len: usize,
}

struct Sort<F> {
    items: Vec<usize>,
    less: F,
    /// Runs that are not merged yet, from left to right.
    runs: Vec<Run>,
    min_gallop: usize,
}

/// The shortest run for `count` items: 32 to 64.
fn least_run(mut count: usize) -> usize {
    let mut odd = 0;
    while count >= 64 {
        odd |= count & 1;
        count >>= 1;
    }
    count + odd
}

impl<F: Fn(usize, usize) -> bool> Sort<F> {
    fn all(&mut self) {
        let count = self.items.len();
        if count < 2 {
            return;
        }
        let least = least_run(count);
        let mut start = 0;
        while start < count {
            let mut len = self.natural_run(start);
            if len < least {
                let forced = least.min(count - start);
                self.insert(start, start + len, start + forced);
                len = forced;
            }
            self.runs.push(Run { start, len });
            self.collapse();
            start += len;
        }
        while self.runs.len() > 1 {
            let at = self.runs.len() - 2;
            self.merge_at(if at > 0 && self.len(at - 1) < self.len(at + 1) {
                at - 1
            } else {
                at
            });
        }
    }

    fn len(&self, run: usize) -> usize {
        self.runs[run].len
    }

    /// The length of the run at `start`; one that falls is turned round.
    fn natural_run(&mut self, start: usize) -> usize {
        let falls = |s: &Self, at: usize| (s.less)(s.items[at], s.items[at - 1]);
        if start + 1 == self.items.len() {
            return 1;
        }
        let falling = falls(self, start + 1);
        let mut end = start + 2;
        while end < self.items.len() && falls(self, end) == falling {
            end += 1;
        }
        if falling {
            self.items[start..end].reverse();
        }
        end - start
    }

    /// Inserts the items `from..end` into the run that begins at `start`.
    fn insert(&mut self, start: usize, from: usize, end: usize) {
        for at in from..end {
            let (mut low, mut high) = (start, at);
            while low < high {
                let middle = low + (high - low) / 2;
                if (self.less)(self.items[at], self.items[middle]) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            self.items[low..=at].rotate_right(1);
        }
    }

    fn collapse(&mut self) {
        while self.runs.len() > 1 {
            let at = self.runs.len() - 2;
            let holds = |n: usize| n < 2 || self.len(n - 2) > self.len(n - 1) + self.len(n);
            if !holds(at + 1) || !holds(at) {
                let left = at > 0 && self.len(at - 1) < self.len(at + 1);
                self.merge_at(if left { at - 1 } else { at });
            } else if self.len(at) <= self.len(at + 1) {
                self.merge_at(at);
            } else {
                break;
            }
        }
    }

    /// Merges a run with the next.
    fn merge_at(&mut self, at: usize) {
        let (mut a, mut b) = (self.runs[at], self.runs.remove(at + 1));
        self.runs[at].len = a.len + b.len;
        let left = &self.items[a.start..a.start + a.len];
        let kept = self.gallop_right(self.items[b.start], left, 0);
        a.start += kept;
        a.len -= kept;
        if a.len == 0 {
            return;
        }
        let last = self.items[a.start + a.len - 1];
        let right = &self.items[b.start..b.start + b.len];
        b.len = self.gallop_left(last, right, b.len - 1);
        if b.len == 0 {
            return;
        }
        if a.len <= b.len {
            self.merge_low(a, b);
        } else {
            self.merge_high(a, b);
        }
    }

    /// Where `key` goes before its equals; the search begins at `hint` with growing strides.
    fn gallop_left(&self, key: usize, items: &[usize], hint: usize) -> usize {
        self.gallop(items, hint, |item| (self.less)(item, key))
    }

    /// Where `key` goes after its equals.
    fn gallop_right(&self, key: usize, items: &[usize], hint: usize) -> usize {
        self.gallop(items, hint, |item| !(self.less)(key, item))
    }

    /// The first item that is not `before`.
    fn gallop(&self, items: &[usize], hint: usize, before: impl Fn(usize) -> bool) -> usize {
        let (mut last, mut offset) = (0, 1);
        let (mut low, mut high);
        if before(items[hint]) {
            let most = items.len() - hint;
            while offset < most && before(items[hint + offset]) {
                last = offset;
                offset = 2 * offset + 1;
            }
            (low, high) = (hint + last + 1, hint + offset.min(most));
        } else {
            let most = hint + 1;
            while offset < most && !before(items[hint - offset]) {
                last = offset;
                offset = 2 * offset + 1;
            }
            (low, high) = (hint + 1 - offset.min(most), hint - last);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if before(items[middle]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        high
    }

    /// Merges from the left; the first run is the shorter one.
    fn merge_low(&mut self, a: Run, b: Run) {
        let held = self.items[a.start..a.start + a.len].to_vec();
        let (mut to, mut left, mut right) = (a.start, 0, b.start);
        let end = b.start + b.len;
        self.items[to] = self.items[right];
        (to, right) = (to + 1, right + 1);
        'merge: while right < end && held.len() - left > 1 {
            let (mut left_wins, mut right_wins) = (0, 0);
            loop {
                if (self.less)(self.items[right], held[left]) {
                    self.items[to] = self.items[right];
                    (to, right) = (to + 1, right + 1);
                    (left_wins, right_wins) = (0, right_wins + 1);
                    if right == end {
                        break 'merge;
                    }
                } else {
                    self.items[to] = held[left];
                    (to, left) = (to + 1, left + 1);
                    (left_wins, right_wins) = (left_wins + 1, 0);
                    if held.len() - left == 1 {
                        break 'merge;
                    }
                }
                if left_wins.max(right_wins) >= self.min_gallop {
                    break;
                }
            }
            self.min_gallop += 1;
            loop {
                self.min_gallop = (self.min_gallop - 1).max(1);
                left_wins = self.gallop_right(self.items[right], &held[left..], 0);
                self.items[to..to + left_wins].copy_from_slice(&held[left..left + left_wins]);
                (to, left) = (to + left_wins, left + left_wins);
                if left_wins > 0 && held.len() - left <= 1 {
                    break 'merge;
                }
                self.items[to] = self.items[right];
                (to, right) = (to + 1, right + 1);
                if right == end {
                    break 'merge;
                }
                right_wins = self.gallop_left(held[left], &self.items[right..end], 0);
                self.items.copy_within(right..right + right_wins, to);
                (to, right) = (to + right_wins, right + right_wins);
                if right == end {
                    break 'merge;
                }
                self.items[to] = held[left];
                (to, left) = (to + 1, left + 1);
                if held.len() - left == 1 {
                    break 'merge;
                }
                if left_wins.max(right_wins) < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
        }
        self.items.copy_within(right..end, to);
        self.items[to + end - right..end].copy_from_slice(&held[left..]);
    }

    /// Merges from the right; the second run is the shorter one. The cursors are the ends of what is left.
    fn merge_high(&mut self, a: Run, b: Run) {
        let held = self.items[b.start..b.start + b.len].to_vec();
        let (mut to, mut left, mut right) = (b.start + b.len, a.start + a.len, held.len());
        self.items[to - 1] = self.items[left - 1];
        (to, left) = (to - 1, left - 1);
        'merge: while left > a.start && right > 1 {
            let (mut left_wins, mut right_wins) = (0, 0);
            loop {
                if (self.less)(held[right - 1], self.items[left - 1]) {
                    self.items[to - 1] = self.items[left - 1];
                    (to, left) = (to - 1, left - 1);
                    (left_wins, right_wins) = (left_wins + 1, 0);
                    if left == a.start {
                        break 'merge;
                    }
                } else {
                    self.items[to - 1] = held[right - 1];
                    (to, right) = (to - 1, right - 1);
                    (left_wins, right_wins) = (0, right_wins + 1);
                    if right == 1 {
                        break 'merge;
                    }
                }
                if left_wins.max(right_wins) >= self.min_gallop {
                    break;
                }
            }
            self.min_gallop += 1;
            loop {
                self.min_gallop = (self.min_gallop - 1).max(1);
                let rest = &self.items[a.start..left];
                left_wins = rest.len() - self.gallop_right(held[right - 1], rest, rest.len() - 1);
                self.items.copy_within(left - left_wins..left, to - left_wins);
                (to, left) = (to - left_wins, left - left_wins);
                if left == a.start {
                    break 'merge;
                }
                self.items[to - 1] = held[right - 1];
                (to, right) = (to - 1, right - 1);
                if right == 1 {
                    break 'merge;
                }
                right_wins = right - self.gallop_left(self.items[left - 1], &held[..right], right - 1);
                self.items[to - right_wins..to].copy_from_slice(&held[right - right_wins..right]);
                (to, right) = (to - right_wins, right - right_wins);
                if right_wins > 0 && right <= 1 {
                    break 'merge;
                }
                self.items[to - 1] = self.items[left - 1];
                (to, left) = (to - 1, left - 1);
                if left == a.start {
                    break 'merge;
                }
                if left_wins.max(right_wins) < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
        }
        // What is held goes before the rest of the first run only when that is one item that wins.
        let rest = left - a.start;
        self.items.copy_within(a.start..left, to - rest);
        self.items[a.start..to - rest].copy_from_slice(&held[..right]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values as JavaScript compares them; `None` is undefined, which is neither less nor greater.
    fn less(values: &[Option<u32>]) -> impl Fn(usize, usize) -> bool {
        |a, b| matches!((values[a], values[b]), (Some(a), Some(b)) if a < b)
    }

    fn random(seed: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(seed), |n| {
            Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
        })
        .skip(1)
        .map(|n| n >> 8)
    }

    /// Odd seeds leave gaps, higher ones have longer runs.
    fn values(seed: u32, count: usize) -> Vec<Option<u32>> {
        let most = [8, 1_000, 1_000_000][seed as usize / 2 % 3];
        let mut rise = 0;
        random(seed)
            .take(count)
            .map(|n| {
                rise += u32::from(n % 97 != 0);
                let value = if seed % 8 < 4 {
                    n % most
                } else {
                    rise * 3 % 4_001 + n % 3
                };
                (seed.is_multiple_of(2) || n % 11 != 3).then_some(value)
            })
            .collect()
    }

    #[test]
    fn an_order_is_sorted_stably() {
        for seed in (0..40).step_by(2) {
            for count in [0, 1, 2, 31, 64, 65, 130, 1_000, 3_001] {
                let values = values(seed, count);
                let mut wanted: Vec<usize> = (0..count).collect();
                wanted.sort_by_key(|at| values[*at]);
                assert_eq!(sorted(count, less(&values)), wanted, "{seed} {count}");
            }
        }
    }

    /// The checksums are those of `Array.prototype.sort` of Node.js 20 for the same values.
    #[test]
    fn what_is_no_order_ends_up_as_in_v8() {
        for (seed, count, checksum) in CHECKSUMS {
            let values = values(seed, count);
            let mut sum = 0u32;
            for at in sorted(count, less(&values)) {
                sum = sum.wrapping_mul(31).wrapping_add(at as u32);
            }
            assert_eq!(sum, checksum, "{seed} {count}");
        }
    }

    const CHECKSUMS: [(u32, usize, u32); 24] = [
        (1, 20, 2808071162),
        (3, 20, 2413387724),
        (5, 20, 1804121098),
        (7, 20, 1804121098),
        (9, 20, 2247852964),
        (13, 20, 1804121098),
        (1, 64, 336451178),
        (3, 64, 3768750606),
        (5, 64, 3089071554),
        (7, 64, 2158477344),
        (9, 64, 3227339898),
        (13, 64, 2158477344),
        (1, 200, 450793226),
        (3, 200, 2820291094),
        (5, 200, 576912164),
        (7, 200, 3964164610),
        (9, 200, 932171616),
        (13, 200, 1294555236),
        (1, 2000, 3517964664),
        (3, 2000, 2104322968),
        (5, 2000, 2808411142),
        (7, 2000, 4291805794),
        (9, 2000, 3665883142),
        (13, 2000, 3701660784),
    ];
}
