//! Open sessions that are used by one thread at a time, up to a number; those that died are opened anew.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::TokenError;

/// How long a thread waits for a session at most.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long nobody knocks again after nobody opened.
const PAUSE: Duration = Duration::from_secs(1);

/// Something open that may die while it is not looked at.
pub(super) trait Mortal {
    /// Lets go without closing: there is nothing left to close.
    fn bury(self);
}

/// Sessions that are all alike.
pub(super) struct Pool<T> {
    state: Mutex<State<T>>,
    freed: Condvar,
    patience: Duration,
}

struct State<T> {
    idle: Vec<T>,
    /// Idle or in use.
    open: usize,
    most: usize,
    /// How often all of them died: one from before is dead.
    deaths: u64,
    /// Nobody knocks before that.
    shut: Option<Instant>,
}

/// What a thread that waited has, and how many deaths had been.
enum Next<T> {
    Idle(T, u64),
    Room(u64),
}

impl<T: Mortal> Pool<T> {
    /// None is open yet.
    pub(super) fn new(most: usize) -> Self {
        Self {
            state: Mutex::new(State {
                idle: Vec::new(),
                open: 0,
                most: most.max(1),
                deaths: 0,
                shut: None,
            }),
            freed: Condvar::new(),
            patience: PATIENCE,
        }
    }

    /// Does `act` with one that is free, opened where need be; waits where all are in use. When it turns out to be dead, all
    /// that were opened with it are, and `act` is done once more with a fresh one.
    pub(super) fn with<R>(
        &self,
        open: impl Fn() -> Result<T, TokenError>,
        act: impl Fn(&mut T) -> Result<R, TokenError>,
    ) -> Result<R, TokenError> {
        match self.once(self.take(&open)?, &act) {
            Err(error) if error.is_dead() => self.once(self.take(&open)?, &act),
            done => done,
        }
    }

    fn once<R>(
        &self,
        (mut one, deaths): (T, u64),
        act: &impl Fn(&mut T) -> Result<R, TokenError>,
    ) -> Result<R, TokenError> {
        let done = act(&mut one);
        match &done {
            Ok(_) => self.give(one, deaths),
            Err(error) if error.is_dead() => self.lose(one, deaths),
            // Nobody knows what a refusal leaves behind in a session.
            Err(_) => self.close(one),
        }
        done
    }

    /// One that nobody else uses, and how many deaths had been when it was opened.
    fn take(&self, open: &impl Fn() -> Result<T, TokenError>) -> Result<(T, u64), TokenError> {
        loop {
            let deaths = match self.wait()? {
                Next::Idle(one, deaths) => return Ok((one, deaths)),
                Next::Room(deaths) => deaths,
            };
            if let Some(one) = self.opened(open())? {
                return Ok((one, deaths));
            }
        }
    }

    /// Waits until one is idle, or one more may be opened, which is then counted as open.
    fn wait(&self) -> Result<Next<T>, TokenError> {
        let until = Instant::now() + self.patience;
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if state.shut.is_some_and(|shut| now < shut) {
                return Err(TokenError::Away);
            }
            if let Some(one) = state.idle.pop() {
                return Ok(Next::Idle(one, state.deaths));
            }
            if state.open < state.most {
                state.open += 1;
                return Ok(Next::Room(state.deaths));
            }
            if now >= until {
                return Err(TokenError::Busy);
            }
            let woken = self.freed.wait_timeout(state, until - now);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// None where the token takes no more than are open, and so many must do.
    fn opened(&self, opened: Result<T, TokenError>) -> Result<Option<T>, TokenError> {
        let error = match opened {
            Ok(one) => return Ok(Some(one)),
            Err(error) => error,
        };
        let mut state = self.lock();
        state.open -= 1;
        if error.is_full() && state.open > 0 {
            state.most = state.open;
            return Ok(None);
        }
        state.shut = Some(Instant::now() + PAUSE);
        self.freed.notify_all();
        Err(error)
    }

    fn give(&self, one: T, deaths: u64) {
        let mut state = self.lock();
        if deaths == state.deaths {
            state.idle.push(one);
        } else {
            state.open -= 1;
            one.bury();
        }
        self.freed.notify_one();
    }

    fn lose(&self, one: T, deaths: u64) {
        one.bury();
        let mut state = self.lock();
        state.open -= 1;
        if deaths == state.deaths {
            state.deaths += 1;
            state.open -= state.idle.len();
            state.idle.drain(..).for_each(Mortal::bury);
        }
        self.freed.notify_all();
    }

    fn close(&self, one: T) {
        drop(one);
        self.lock().open -= 1;
        self.freed.notify_one();
    }

    /// How many are open.
    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        self.lock().open
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // What a thread left behind that fell over is whole: every change here is one statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A session of a token that takes 10 ms for each act and counts its sessions.
    struct Fake;

    impl Mortal for Fake {
        fn bury(self) {}
    }

    #[expect(clippy::disallowed_methods, reason = "a token that takes its time")]
    fn slow(_: &mut Fake) -> Result<(), TokenError> {
        std::thread::sleep(Duration::from_millis(10));
        Ok(())
    }

    /// Lets so many threads do `act` a few times each.
    fn crowd(threads: usize, times: usize, act: impl Fn() + Sync) {
        let work = || (0..times).for_each(|_| act());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }

    #[test]
    fn each_session_adds_its_hundred_a_second() {
        // 400 acts of 10 ms: 4 s over one session, 0.4 s over ten.
        let pool = Pool::new(10);
        let opened = AtomicUsize::new(0);
        let open = || {
            opened.fetch_add(1, Ordering::Relaxed);
            Ok(Fake)
        };
        let began = Instant::now();
        crowd(40, 10, || pool.with(open, slow).unwrap());
        let lasted = began.elapsed();
        assert!(opened.into_inner() <= 10);
        assert!(
            lasted >= Duration::from_millis(400) && lasted < Duration::from_secs(2),
            "{lasted:?}"
        );
    }

    #[test]
    fn one_that_died_is_opened_anew_and_all_with_it() {
        let pool = Pool::new(4);
        let opened = AtomicUsize::new(0);
        let open = || {
            opened.fetch_add(1, Ordering::Relaxed);
            Ok(Fake)
        };
        pool.with(open, |_| Ok(())).unwrap();
        let asked = AtomicUsize::new(0);
        let dies_once = |_: &mut Fake| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => Err(TokenError::Away),
            _ => Ok(()),
        };
        pool.with(open, dies_once).unwrap();
        assert_eq!((opened.load(Ordering::Relaxed), asked.into_inner()), (2, 2));
        assert!(matches!(
            pool.with(open, |_| Err::<(), _>(TokenError::Away)),
            Err(TokenError::Away)
        ));
        assert_eq!(pool.open(), 0);
    }

    #[test]
    fn a_token_that_is_away_is_not_knocked_at_again_at_once() {
        let pool = Pool::<Fake>::new(4);
        let knocked = AtomicUsize::new(0);
        let open = || {
            knocked.fetch_add(1, Ordering::Relaxed);
            Err(TokenError::Full)
        };
        for _ in 0..50 {
            assert!(pool.with(open, |_| Ok(())).is_err());
        }
        assert_eq!(knocked.into_inner(), 1);
    }

    #[test]
    fn a_token_that_takes_fewer_sessions_is_used_with_those() {
        let pool = Pool::new(8);
        let open = AtomicUsize::new(0);
        let at_most_two = || match open.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => Ok(Fake),
            _ => Err(TokenError::Full),
        };
        crowd(8, 5, || pool.with(at_most_two, slow).unwrap());
        assert_eq!(pool.lock().most, 2);
        let waits = Pool {
            patience: Duration::from_millis(30),
            ..Pool::new(1)
        };
        let inner = waits.with(|| Ok(Fake), |_| Ok(waits.with(|| Ok(Fake), |_| Ok(()))));
        assert!(matches!(inner, Ok(Err(TokenError::Busy))));
    }
}
