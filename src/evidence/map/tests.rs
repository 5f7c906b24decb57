use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A chain with a name that is only a number.
fn chain(n: u64) -> Chain {
    Chain::Partner(format!("p{n}"))
}

/// The map of a log whose n-th leaf stands on these chains.
fn mapped(leaves: &[Vec<u64>]) -> (Mapper, Loose) {
    let (mut mapper, mut bins) = (Mapper::default(), Loose::default());
    for (index, chains) in leaves.iter().enumerate() {
        let chains: Vec<_> = chains.iter().map(|n| chain(*n)).collect();
        mapper.read(index as u64, chains.iter());
    }
    let Ok(_changed) = mapper.advance(leaves.len() as u64, &mut bins);
    (mapper, bins)
}

/// The definition itself, without levels, bins or memory: each chain with its newest leaf and its count.
fn by_definition(leaves: &[Vec<u64>]) -> Hash {
    let mut chains: BTreeMap<Hash, Item> = BTreeMap::new();
    for (index, names) in leaves.iter().enumerate() {
        for key in names.iter().map(|n| key(&chain(*n))) {
            let item = chains.entry(key).or_insert(Item {
                key,
                index: 0,
                count: 0,
            });
            item.index = index as u64;
            item.count += 1;
        }
    }
    let items: Vec<_> = chains.into_values().collect();
    subtree(&items, 0).hash()
}

fn any_log() -> impl Strategy<Value = Vec<Vec<u64>>> {
    let chains = proptest::collection::btree_set(0..40_u64, 0..4);
    proptest::collection::vec(chains.prop_map(|set| set.into_iter().collect()), 0..60)
}

proptest! {
    #[test]
    fn worked_out_bit_by_bit_it_is_the_definition(log in any_log(), cut in 0..60_usize, again in 0..60_usize) {
        let (whole, _) = mapped(&log);
        prop_assert_eq!(whole.clone().root(), by_definition(&log));
        let cut = cut.min(log.len());
        let (mut part, mut bins) = mapped(&log[..cut]);
        prop_assert_eq!(part.root(), by_definition(&log[..cut]));
        // What is read twice, for instance after a kill, counts once.
        for (index, names) in log.iter().enumerate().skip(again.min(cut)) {
            let chains: Vec<_> = names.iter().map(|n| chain(*n)).collect();
            part.read(index as u64, chains.iter());
        }
        let Ok(_changed) = part.advance(log.len() as u64, &mut bins);
        prop_assert_eq!(part.root(), by_definition(&log));
    }

    #[test]
    fn what_it_says_of_every_chain_is_proved_and_nothing_else_is(log in any_log(), bit in 0..256_usize) {
        let (mut mapper, mut bins) = mapped(&log);
        let root = mapper.root();
        for n in 0..44 {
            let (last, count) = log.iter().enumerate().filter(|(_, chains)| chains.contains(&n))
                .fold((0, 0), |(_, count), (index, _)| (index as u64, count + 1));
            let expected = (count > 0).then_some((last, count));
            let key = key(&chain(n));
            let Ok(proof) = mapper.prove(&key, &mut bins);
            prop_assert_eq!(proof.check(&key, &root), Ok(expected));
            for other in lies(&proof, bit) {
                prop_assert!(other == proof || other.check(&key, &root).is_err(), "{other:?}");
            }
        }
    }
}

/// Everything that the same proof could be turned into by a small change.
fn lies(proof: &MapProof, bit: usize) -> Vec<MapProof> {
    let ends = match proof.end {
        End::Here { index, count } => vec![
            End::Nothing,
            End::Here {
                index: index + 1,
                count,
            },
            End::Here {
                index,
                count: count + 1,
            },
        ],
        End::Other(item) => vec![
            End::Nothing,
            End::Here {
                index: item.index,
                count: item.count,
            },
            End::Other(Item {
                count: item.count ^ 1,
                ..item
            }),
        ],
        End::Nothing => vec![
            End::Here { index: 0, count: 1 },
            End::Other(Item {
                key: [9; 32],
                index: 0,
                count: 1,
            }),
        ],
    };
    let path = || proof.path.clone();
    let mut all: Vec<_> = ends
        .into_iter()
        .map(|end| MapProof { path: path(), end })
        .collect();
    for place in 0..proof.path.len() {
        let mut path = path();
        path[place][bit / 8] ^= 1 << (bit % 8);
        all.push(MapProof { path, end: proof.end });
        all.push(MapProof {
            path: proof.path[..place].to_vec(),
            end: proof.end,
        });
    }
    all.push(MapProof {
        path: [proof.path.clone(), vec![[0; 32]]].concat(),
        end: proof.end,
    });
    all
}

#[test]
fn an_empty_map_says_of_every_chain_that_it_has_not_begun() {
    let (mut mapper, mut bins) = (Mapper::default(), Loose::default());
    let (root, key) = (mapper.root(), key(&chain(1)));
    assert_eq!(root, [0; 32]);
    let Ok(proof) = mapper.prove(&key, &mut bins);
    assert_eq!(proof.check(&key, &root), Ok(None));
}

#[test]
fn keys_that_agree_deep_below_the_bins_are_told_apart() {
    let (mut map, mut bins) = (Map::default(), Loose::default());
    let item = |last: u8, count| {
        let mut key = [7; 32];
        key[20] = last;
        Item { key, index: 3, count }
    };
    let Ok(held) = bins.bin(bin(&[7; 32]));
    held.extend([item(0, 1), item(1, 2), item(128, 3)]);
    map.set(bin(&[7; 32]), held);
    let root = map.root();
    for (last, expected) in [
        (0, Some((3, 1))),
        (1, Some((3, 2))),
        (128, Some((3, 3))),
        (2, None),
    ] {
        let Ok(proof) = map.prove(&item(last, 0).key, &mut bins);
        assert_eq!(proof.check(&item(last, 0).key, &root), Ok(expected));
        assert!(proof.path.len() > 150);
        let far = MapProof {
            path: vec![[0; 32]; 257],
            end: proof.end,
        };
        assert_eq!(far.check(&item(last, 0).key, &root), Err(Unproven::Way));
    }
}

#[test]
fn another_chain_proves_only_the_place_it_stands_in() {
    let (mut mapper, mut bins) = mapped(&[vec![1], vec![2]]);
    let root = mapper.root();
    let keys = [key(&chain(1)), key(&chain(2))];
    let Ok(one) = mapper.prove(&keys[0], &mut bins);
    let End::Here { index, count } = one.end else {
        panic!("{one:?}")
    };
    // The first chain, shown as what stands where the second would be: it does not lie on that way.
    let other = MapProof {
        end: End::Other(Item {
            key: keys[0],
            index,
            count,
        }),
        ..one
    };
    assert_eq!(other.check(&keys[1], &root), Err(Unproven::Way));
}
