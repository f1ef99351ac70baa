// @ts-check
/**
 * Plays worlds by the player's rules, for tests/unit/player/test_rules.py: what it makes of JSON is compared with what
 * the kernel makes of it.
 */
import { Game, hintOf } from "../../../server/conjure/player/web/rules.js";

/**
 * By game: what was seen in each situation, after each of these events; null where it was refused.
 *
 * @param {{world: unknown, names: string[]}[]} games
 */
export function played(games) {
  return games.map(({ world, names }) => {
    const game = new Game(world);
    let situation = game.start;
    const seen = [lookedAt(game, situation)];
    for (const name of names) {
      try {
        situation = game.step(situation, name);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        seen.push(null);
        continue;
      }
      seen.push(lookedAt(game, situation));
    }
    return seen;
  });
}

/**
 * @param {Game} game
 * @param {import("../../../server/conjure/player/web/types.js").Situation} situation
 */
function lookedAt(game, situation) {
  const moves = game.moves(situation).map((move) => ({
    name: move.name,
    to: move.to,
    cutscene: move.cutscene,
    missing: move.missing,
    hint: hintOf(move),
  }));
  const { state } = situation;
  const looked = { state, flags: [...situation.flags], used: [...situation.used], moves };
  const ending = game.ending(situation);
  return ending === null ? looked : { ...looked, ending };
}
