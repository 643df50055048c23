// Package mdm finds the records that are the same customer, and keeps one golden record for each.
package mdm
