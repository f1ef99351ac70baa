// A caller of what is generated: prints the name of a world.
package main

import (
	"context"
	"fmt"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	conjurev1 "conjure.example/client/gen/conjure/v1"
)

func main() {
	target, key, id := os.Args[1], os.Args[2], os.Args[3]
	channel, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	defer channel.Close()
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+key)
	worlds := conjurev1.NewWorldServiceClient(channel)
	answer, err := worlds.GetWorld(ctx, &conjurev1.GetWorldRequest{Id: id})
	if err != nil {
		panic(err)
	}
	_, err = worlds.GetWorld(ctx, &conjurev1.GetWorldRequest{Id: "nothing"})
	failure := status.Convert(err).Details()[0].(*conjurev1.ApiError)
	fmt.Println(answer.GetWorld().GetName(), failure.GetHttpStatus(), failure.GetReason())
}
