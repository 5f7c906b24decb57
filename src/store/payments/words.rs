//! Where an order stands, what its platform is asked next, and what is said of it.

/// Gives an enum of plain words its text form, both ways.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal, $doc:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = $doc] $variant),+ }

        impl $name {
            /// Its word in store, log and answers.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with that word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}

words! {
    /// Where an order stands.
    PayState {
        Asked = "asked", "It is kept; where to pay is not known yet.";
        Open = "open", "The payer may pay.";
        Paid = "paid", "It is paid.";
        Failed = "failed", "The platform says that it is not paid and will not be.";
        Parked = "parked", "A person must act; it may still be paid.";
        Dropped = "dropped", "A person said that nobody will pay it.";
    }
}

words! {
    /// What the platform is asked next.
    PayPhase {
        Init = "init", "To begin the payment.";
        Query = "query", "How it stands.";
        Bill = "bill", "For the fee receipt.";
    }
}

/// What a callback says of an order of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paying {
    /// The order's reference.
    pub reference: String,
    /// Whole đồng, where it says.
    pub amount: Option<i64>,
    /// Whether it was paid.
    pub paid: bool,
    /// The other side's own number of the transaction.
    pub transaction: Option<String>,
}
