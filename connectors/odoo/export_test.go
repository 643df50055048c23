package odoo

// What the fuzz target of XML-RPC calls.
var (
	EncodeCall   = encodeCall
	DecodeAnswer = decodeAnswer
)
