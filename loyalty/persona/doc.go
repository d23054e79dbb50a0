// Package persona tells how much a member resembles the kinds of people that a programme has in mind.
//
// What it promises:
//   - A persona is known by traits, each with a weight. A member's affinity to it is the weight of the traits that hold, as a percentage of the weight
//     of all its traits, rounded down.
//   - The traits that hold are the reasons, and are told with it.
//   - Traits are looked at again, as of the present, when the member does something that they look at; those with a window, whenever the member does
//     anything; all of them when the persona is revised.
//   - The primary persona is the one with the highest affinity above 0; among equals, the one that comes first in the programme.
package persona
