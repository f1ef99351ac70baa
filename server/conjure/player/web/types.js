// @ts-check
/**
 * What the modules of the player tell each other. Types only: this file has no code, and is served to nobody.
 *
 * A world is the SMWorld of CONTRACT 10 with its prose in words, as connect answers it. It may hold anything: every
 * module takes any JSON, and leaves out what it cannot use.
 *
 * @typedef {Record<string, any>} Json
 *
 * Where play stands, as in `kernel/play.py`.
 * @typedef {Object} Situation
 * @property {string} state
 * @property {ReadonlySet<string>} flags flags that are held
 * @property {ReadonlySet<string>} used names of the one-shot events that were played
 *
 * An event that leaves from a state, as it looks in a situation (`kernel/play.py`, Move).
 * @typedef {Object} Move
 * @property {string} name
 * @property {Json} event
 * @property {string} to the state after it
 * @property {string|null} cutscene the id of the cutscene that it shows on the way
 * @property {readonly string[]} missing flags that it needs and that are not held
 *
 * What a player is shown at one moment. The director makes a new one at every change; views draw it and keep nothing
 * of their own that matters.
 * @typedef {Object} View
 * @property {"intro"|"playing"|"event"|"cutscene"|"sequence"|"terminal"|"outro"|"ending"} mode
 * @property {Scene} scene where the player is
 * @property {readonly Choice[]} choices what can be done now; empty but in `playing`
 * @property {Happening|null} happening the event that is being played (`event`), and its text
 * @property {Clip|null} clip the video that is shown (`intro`, `cutscene`, `outro`)
 * @property {Stop|null} stop where a sequence is (`sequence`)
 * @property {Device|null} device the terminal that is open (`terminal`)
 * @property {Ending|null} ending
 * @property {readonly Mission[]} missions
 * @property {readonly Tale[]} tales sequences that can be watched now
 * @property {readonly string[]} next states that play may come to from here, so that their pictures can be loaded
 * @property {boolean} isStuck whether nothing can be done here any more, though it is no ending
 * @property {boolean} canGoBack whether `back` leads from this ending, or dead end, to where play was before
 *
 * @typedef {Object} Scene
 * @property {string} state the id of the state
 * @property {number|null} variant which of its variants is shown; null for the state itself
 * @property {string} text what the player reads: its narration, else its prose
 * @property {readonly string[]} ambient
 * @property {number} visit how often the state has been entered, from 1 on
 *
 * @typedef {Object} Choice
 * @property {string} name the event's name, which is what the player reads
 * @property {"transition"|"override"|"terminal"} kind
 * @property {boolean} isLocked
 * @property {string|null} hint what its author says of it while it is locked
 * @property {string|null} hotkey one lower-case character, or the name of a key as in KeyboardEvent.key
 * @property {string|null} drive how the player moves, in words: "forward, looking left"
 * @property {string|null} waypoint "The gate, 120 m"
 * @property {number|null} autoAt when it happens by itself, in the clock's milliseconds
 *
 * @typedef {Object} Happening
 * @property {string} name
 * @property {string} text narration, else the phase's or the event's prose
 * @property {number} phase which phase, from 0 on
 * @property {number} phases how many there are, 1 at least
 * @property {number} endsAt when this phase ends, in the clock's milliseconds
 * @property {boolean} canSkip whether `skip` ends it now (not before `minPlayMs`)
 *
 * @typedef {Object} Clip
 * @property {string} src
 * @property {string|null} label
 * @property {string|null} subtitle
 * @property {boolean} isStill it stays on its last frame until the player goes on (`introStatic`)
 *
 * @typedef {Object} Stop
 * @property {string} id of the sequence
 * @property {string} title
 * @property {number} at which stop, from 0 on
 * @property {number} stops
 * @property {number|null} endsAt null: the player goes on
 *
 * @typedef {Object} Device
 * @property {string} name of the terminal's event
 * @property {string|null} greeting
 * @property {readonly Line[]} lines
 * @property {readonly string[]} flags those that are held of the flags that its facts require
 *
 * @typedef {Object} Line
 * @property {"player"|"other"} role
 * @property {string} text
 *
 * @typedef {Object} Ending
 * @property {"win"|"lose"|null} kind
 * @property {string} title
 * @property {string} subtitle
 *
 * @typedef {Object} Mission
 * @property {string} id
 * @property {string} title
 * @property {boolean} isComplete
 * @property {readonly Objective[]} objectives
 *
 * @typedef {Object} Objective
 * @property {string} text
 * @property {boolean} isDone
 * @property {boolean} isOpen whether its `requires` are held
 * @property {string|null} hint
 *
 * @typedef {Object} Tale
 * @property {string} id
 * @property {string} title
 *
 * What has happened, for the page around the player (CONTRACT 12). An event begins because the player chose it, because
 * its time had come, or because the page around the player asked for it.
 * @typedef {{type: "choice", event: string, by: "player"|"time"|"page"}
 *   | {type: "state-entered", state: string}
 *   | {type: "ending", kind: "win"|"lose"|null, title: string}} PlayEvent
 *
 * Time, so that tests have their own.
 * @typedef {Object} Clock
 * @property {() => number} now milliseconds
 * @property {(callback: () => void, ms: number) => unknown} after
 * @property {(timer: any) => void} cancel
 *
 * What a call of the API was answered with, when it was an error.
 * @typedef {Object} Failure
 * @property {number} status 0: there was no answer
 * @property {string} detail
 * @property {number|null} retryAfterS
 *
 * How the session stands (session.js).
 * @typedef {Object} SessionStatus
 * @property {"connecting"|"waiting"|"live"|"ended"} phase
 * @property {number|null} endsAt when what is paid for ends, Unix milliseconds by the player's clock
 * @property {boolean} isLast whether it cannot be prolonged: play then ends at `endsAt`, which a player should be told
 * @property {number|null} tokenEndsAt until when it can be prolonged at most, Unix milliseconds by the player's clock
 * @property {number|null} retryAt while `waiting`: when it is tried again, Unix milliseconds by the player's clock
 * @property {string|null} message what a player is told, in plain words
 * @property {EndReason|null} reason while `ended`: why
 * @property {Failure|null} failure
 *
 * Why a session ended, for the page around the player (CONTRACT 12).
 * @typedef {"left"|"expired"|"minutes"|"gone"|"invalid"|"refused"} EndReason
 */
export {};
