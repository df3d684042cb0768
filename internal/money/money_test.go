package money_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/money"
)

func TestAmountInJSON(t *testing.T) {
	for amount, text := range map[money.Amount]string{
		0: "0.00", 1: "0.01", 99: "0.99", 100: "1.00", 1999: "19.99", 9648: "96.48", -105: "-1.05", money.Euros(134): "134.00",
	} {
		encoded, err := json.Marshal(amount)
		require.NoError(t, err)
		assert.Equal(t, text, string(encoded))
		var decoded money.Amount
		require.NoError(t, json.Unmarshal(encoded, &decoded))
		assert.Equal(t, amount, decoded)
	}
}

func TestAmountMustBeANumber(t *testing.T) {
	var amount money.Amount
	assert.ErrorContains(t, json.Unmarshal([]byte(`"free"`), &amount), `got "free", want a number`)
}
