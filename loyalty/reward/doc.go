// Package reward holds what points can be spent on. The kinds of reward are an open set: a new kind is a new word, and needs no code.
package reward
