package homeostat.rules.prune_guards_test

import data.homeostat.rules.prune_guards as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

annotated(kind, options) := {
	"kind": kind,
	"metadata": {"name": "x", "annotations": {"argocd.argoproj.io/sync-options": options}},
}

field := "metadata.annotations[argocd.argoproj.io/sync-options]"

test_allows_both_guards_in_any_company if {
	every kind in rule.guarded {
		count(of(annotated(kind, "Prune=false,Delete=false"))) == 0
		count(of(annotated(kind, "ServerSideApply=true, Delete=false, Prune=false"))) == 0
	}
}

test_denies_one_guard_alone if {
	every kind in rule.guarded {
		of(annotated(kind, "Prune=false")) == {field}
		of(annotated(kind, "Delete=false")) == {field}
	}
}

test_denies_no_annotation if {
	every kind in rule.guarded {
		of({"kind": kind, "metadata": {"name": "x"}}) == {field}
	}
}

test_allows_other_kinds_without if count(of(testing.workload("StatefulSet"))) == 0

test_denies_claims_that_go_with_their_set if {
	set := testing.made("StatefulSet", "db", {"spec": {
		"template": {"spec": {}},
		"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"},
	}})
	of(set) == {"spec.persistentVolumeClaimRetentionPolicy.whenDeleted"}
}
