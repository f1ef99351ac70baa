// @ts-check
// The entry of the player.
export {};
