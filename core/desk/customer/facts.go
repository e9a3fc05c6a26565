package customer

import (
	"slices"

	"puente/core/desk/audit"
)

// changed stands in the audit log for a value that must not: the log is kept longer than a customer may want to be known.
func changed() map[string]any { return map[string]any{"changed": true} }

// differences are what the audit log keeps of a change: labels, language, preferred network and whether they are blocked
// as they were and are; of the name, and of an attribute beside its key, only that they changed.
func differences(before, after Customer) (was, is audit.Facts) {
	was, is = audit.Facts{}, audit.Facts{}
	note := func(field string, differs bool, old, now any) {
		if differs {
			was[field], is[field] = old, now
		}
	}
	note("language", before.Language != after.Language, before.Language, after.Language)
	note("preferred", before.Preferred != after.Preferred, before.Preferred, after.Preferred)
	note("blocked", before.Blocked.IsZero() != after.Blocked.IsZero(), !before.Blocked.IsZero(), !after.Blocked.IsZero())
	note("labels", !slices.Equal(before.Labels, after.Labels), list(before.Labels), list(after.Labels))
	if before.Name != after.Name || before.NamedBy != after.NamedBy {
		is["name"] = changed()
	}
	if keys := differentKeys(before.Attributes, after.Attributes); len(keys) > 0 {
		is["attributes"] = keys
	}
	return was, is
}

// list is never nil, so that it is [] in JSON.
func list(labels []string) []string { return append([]string{}, labels...) }

// differentKeys returns the keys of the attributes that were added, changed or removed.
func differentKeys(before, after map[string]string) map[string]any {
	keys := map[string]any{}
	for key := range before {
		if _, kept := after[key]; !kept {
			keys[key] = map[string]any{"changed": true, "removed": true}
		}
	}
	for key, value := range after {
		if old, known := before[key]; !known || old != value {
			keys[key] = changed()
		}
	}
	return keys
}
