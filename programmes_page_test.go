package main_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Whoever writes a programme finds every field that a file can have in the reference.
func TestThePageOfProgrammesNamesEveryField(t *testing.T) {
	page, err := os.ReadFile("docs/programmes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, reference, _ := strings.Cut(string(page), "## What a file can say")
	named := 0
	var look func(of reflect.Type, path string)
	look = func(of reflect.Type, path string) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			look(of.Elem(), path)
			return
		case reflect.Struct:
		default:
			return
		}
		if of == reflect.TypeFor[fact.MatureSpec]() { // the ledger's page tells of it
			return
		}
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if name == "" || name == "-" {
				continue
			}
			if named++; !strings.Contains(reference, "`"+name+"`") && !strings.Contains(reference, "."+name+"`") {
				t.Errorf("docs/programmes.md does not tell of %s.%s", path, name)
			}
			look(f.Type, path+"."+name)
		}
	}
	look(reflect.TypeFor[loyalty.Spec](), "")
	if named < 100 {
		t.Errorf("only %d fields were looked at", named)
	}
}
