package dossier_test

import (
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/schema/field"

	"granaio/dossier"
	"granaio/ent/migrate"
)

// Every table says whether it holds something of a member, and what becomes of each of its columns that can hold text when the member is erased. So nothing is left out of a file or
// of an erasure because nobody thought of it.
func TestEveryTableIsThoughtOf(t *testing.T) {
	of := map[string]*dossier.Table{}
	for i := range dossier.Tables {
		of[dossier.Tables[i].Name] = &dossier.Tables[i]
	}
	for _, table := range migrate.Tables {
		known, other := of[table.Name], dossier.Others[table.Name]
		if known == nil {
			if other == "" {
				t.Errorf("%s is neither among the tables that hold something of a member nor among the others", table.Name)
			}
			for _, c := range table.Columns {
				if strings.HasSuffix(c.Name, "member_id") || c.Name == "account_id" || c.Name == "contributor_id" || c.Name == "interaction_id" {
					t.Errorf("%s has a column %s, and is said to hold nothing of members", table.Name, c.Name)
				}
			}
			continue
		}
		delete(of, table.Name)
		if other != "" || known.Gone == (known.Left != "") {
			t.Errorf("%s: it is said to go and to stay, or neither", table.Name)
		}
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, c.Name)
			cleared, kept := slices.Contains(known.Clears, c.Name), known.Keeps[c.Name] != ""
			text := c.Type == field.TypeString || c.Type == field.TypeJSON || c.Type == field.TypeEnum || c.Type == field.TypeBytes
			switch {
			case known.Gone && (cleared || kept):
				t.Errorf("%s.%s: the whole row goes", table.Name, c.Name)
			case !known.Gone && text && cleared == kept && !slices.Contains(known.Hidden, c.Name):
				t.Errorf("%s.%s can hold text: it is either cleared or kept for a reason", table.Name, c.Name)
			case cleared && !c.Nullable:
				t.Errorf("%s.%s cannot be emptied", table.Name, c.Name)
			}
		}
		for _, name := range slices.Concat(known.Clears, known.Hidden, []string{known.Column}) {
			if !slices.Contains(columns, name) {
				t.Errorf("%s has no column %s", table.Name, name)
			}
		}
	}
	for name := range of {
		t.Errorf("there is no table %s", name)
	}
}
