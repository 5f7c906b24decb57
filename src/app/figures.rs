//! The figures of this process.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// The figures are one a process, whatever number of nodes runs in it.
pub(super) fn figures() -> PrometheusHandle {
    static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();
    FIGURES
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // Somebody else's recorder in this process keeps its place; ours then shows nothing.
            let _first = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}
