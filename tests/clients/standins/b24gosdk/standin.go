// Package b24gosdk is NOT the SDK: a stand-in of as much of its public interface as the adapter
// uses, written for the tests of this project from the SDK's documentation.
package b24gosdk

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
)

// Params are the parameters of a call.
type Params = map[string]any

// APIError is an error that the portal reported.
type APIError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
	HTTPStatus  int    `json:"-"`
}

func (e *APIError) Error() string { return e.Code + ": " + e.Description }

// Response is the envelope of an answer.
type Response struct {
	Result json.RawMessage `json:"result"`
}

// Client calls one portal.
type Client struct{ webhook string }

// NewClient makes a client of a webhook.
func NewClient(webhook string) *Client { return &Client{webhook} }

// Core gives access to calls by a method's name.
func (c *Client) Core() *Client { return c }

// Call calls a method.
func (c *Client) Call(ctx context.Context, method string, params Params) (*Response, error) {
	body, _ := json.Marshal(params)
	request, err := http.NewRequestWithContext(ctx, "POST", c.webhook+method, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		refusal := &APIError{HTTPStatus: answer.StatusCode}
		if err := json.NewDecoder(answer.Body).Decode(refusal); err != nil {
			return nil, err
		}
		return nil, refusal
	}
	response := &Response{}
	return response, json.NewDecoder(answer.Body).Decode(response)
}
