// b24gosdk, the official Go SDK, from a checkout that its user gives.
package main

import (
	"context"
	"errors"

	b24 "github.com/bitrix24/b24gosdk"
)

func main() {
	serve("b24gosdk", func(given setup) caller {
		client := b24.NewClient(given.Portal.Webhook)
		return func(ctx context.Context, params map[string]any) answer {
			res, err := client.Core().Call(ctx, method, params)
			var refusal *b24.APIError
			if errors.As(err, &refusal) && refusal.Code != "" {
				return refused(refusal.Code)
			}
			if err != nil {
				return broken(err.Error())
			}
			return result(res.Result)
		}
	})
}
