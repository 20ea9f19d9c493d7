//! A queue with a limit and a named policy for when it is full.

use std::collections::VecDeque;

/// What a full queue does with the next item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// Frames and speculative work: the oldest is worth least.
    DropOldest,
    /// Commands: the sender must know.
    Refuse,
}

/// First in, first out, never longer than its limit; counts what it dropped.
#[derive(Debug, Clone)]
pub struct BoundedQueue<T> {
    items: VecDeque<T>,
    items_max: usize,
    full: Full,
    dropped: u64,
}

impl<T> BoundedQueue<T> {
    /// An empty queue of at most `items_max` items.
    pub fn new(items_max: usize, full: Full) -> Self {
        Self { items: VecDeque::new(), items_max, full, dropped: 0 }
    }

    /// Appends `item`. With [`Full::Refuse`] a full queue gives it back.
    pub fn push(&mut self, item: T) -> Result<(), T> {
        if self.items.len() >= self.items_max {
            self.dropped += 1;
            match self.full {
                Full::Refuse => return Err(item),
                Full::DropOldest => {
                    self.items.pop_front();
                }
            }
        }
        self.items.push_back(item);
        Ok(())
    }

    /// The oldest item.
    pub fn pop(&mut self) -> Option<T> {
        self.items.pop_front()
    }

    /// Items waiting.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Items dropped or refused so far.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Forgets all that waits.
    pub fn clear(&mut self) {
        self.items.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_the_oldest_or_refuses_the_newest() {
        let mut frames = BoundedQueue::new(2, Full::DropOldest);
        for n in 0..3 {
            assert_eq!(frames.push(n), Ok(()));
        }
        assert_eq!((frames.pop(), frames.pop(), frames.pop(), frames.dropped()), (Some(1), Some(2), None, 1));

        let mut commands = BoundedQueue::new(1, Full::Refuse);
        assert_eq!((commands.push('a'), commands.push('b')), (Ok(()), Err('b')));
        assert_eq!(commands.pop(), Some('a'));
    }
}
