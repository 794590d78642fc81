//! The kernel beside the model.

use housekeep::Control;
use housekeep::dedupe::{Keep, Mode, NullKey, Open};
use housekeep::laws::model::agrees;
use housekeep::laws::rows::{Subset, records};
use housekeep::laws::strategies::case;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn agrees_on_any_number_of_threads(case in case(60)) {
        let rows = records(&case.rows)?;
        for threads in 1..=3 {
            agrees(&rows, &case.rule, case.now, &Control::new().threads(threads)?)?;
        }
    }

    #[test]
    fn agrees_whatever_the_order(case in case(40), seed: u64) {
        let rows = records(&case.rows)?;
        let shuffled = Subset::shuffled(&rows, seed);
        agrees(&shuffled, &case.rule, case.now, &Control::new())?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn agrees_under_every_setting(case in case(24)) {
        let rows = records(&case.rows)?;
        for &mode in Mode::ALL {
            for &keep in Keep::ALL {
                for &null_key in NullKey::ALL {
                    for &open in Open::ALL {
                        let rule = case.rule.clone().mode(mode).keep(keep);
                        let rule = rule.null_key(null_key).open(open);
                        agrees(&rows, &rule, case.now, &Control::new())?;
                    }
                }
            }
        }
    }
}
