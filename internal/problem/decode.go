package problem

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"deals.example/internal/strict"
)

// MaxBody is the maximum size of a request body in bytes.
const MaxBody = 1 << 20

// DecodeJSON decodes the request body, one JSON object, into dst, a pointer to a struct; see strict.JSON. The error is an *Error: 415 for
// another content type, 413 over MaxBody, otherwise 400 with every invalid field.
func DecodeJSON(c *gin.Context, dst any) error {
	if err := checkContentType(c.GetHeader("Content-Type")); err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, MaxBody))
	if err != nil {
		return readFault(err)
	}
	if err := strict.JSON(body, dst); err != nil {
		return invalid(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return nil
}

func checkContentType(header string) error {
	kind, _, err := mime.ParseMediaType(header)
	if err != nil || kind != "application/json" {
		return &Error{
			Status: http.StatusUnsupportedMediaType, Code: CodeUnsupportedMedia,
			Message: strict.Wrong("Content-Type", strict.Quote(header), "application/json").Error(),
		}
	}
	return nil
}

func readFault(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{
			Status: http.StatusRequestEntityTooLarge, Code: CodeBodyTooLarge,
			Message: fmt.Sprintf("body: got more than %[1]d bytes, want at most %[1]d bytes", tooLarge.Limit),
		}
	}
	return InvalidArgument("body", "a truncated body", "one JSON object")
}
