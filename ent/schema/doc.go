// Package schema holds the tables: fields, edges, indexes, and who may see which rows. It holds no rule of the business.
//
// Conventions:
//   - Every id is a fact.ID with the entity's kind. Times are UTC with microseconds.
//   - Every row of a programme carries programme_id; the scoped mixin shows a viewer the rows of its own programme and nothing else, and lets
//     nobody but Granaio itself write.
//   - Tables that every interaction writes (commands, interactions, movements, postings, lots) have no foreign keys: the engine writes them in one
//     statement with ids it made, and `granaio check` proves what a constraint would have. See docs/adr/0004.
package schema
