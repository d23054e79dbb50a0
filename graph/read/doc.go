// Package read reads what an answer shows, and reads together what was asked for together.
//
// A Reader serves one operation. What it hands out knows its company: the members of one page, the movements of all those members. The first of
// them that is asked for something has it read for all, in one statement, and the others find it there. So the number of statements depends on what
// is asked for and never on how many objects there are, and what nobody asks for is not read.
//
// Rows are read through ent, which shows the context's viewer what it may see; views of members come from the engine.
package read
