// Package inline takes the place of parts of gqlgen's runtime that cost much and that nothing here needs. The generator (graph/generate) puts them where gqlgen has its own.
//
//   - Slice answers the elements of a list one after another. gqlgen starts a goroutine for each element of a list of objects. Here an element's fields are at hand or are
//     read together for the whole list (package read), so goroutines have nothing to wait for side by side: they only cost their stacks, a seventh of the processor's
//     time on the home screen.
//   - CollectFields works out the fields of a selection set once for all requests, where nothing of a request decides it.
//   - FieldSet knows nothing of @defer, which is not offered and for which gqlgen makes a second set, a map and a path for every object.
//
// The generator also has a field that is a plain value of its object written without a field's context around it, which only errors and resolvers would ask for. So no
// field middleware (AroundFields) sees such fields: there is none.
package inline
