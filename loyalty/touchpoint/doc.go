// Package touchpoint holds the places where a programme meets its members: an app, a shop, a contact centre. Every interaction comes through one.
package touchpoint
