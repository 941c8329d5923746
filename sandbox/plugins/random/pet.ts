/** Names such as `swiftly-calm-otter`. The words are our own; officially they come from golang-petname. */
import { randomInt } from "node:crypto";

const ADVERBS =
  "boldly brightly calmly clearly deeply eagerly early evenly fairly firmly fondly freely gently gladly greatly " +
  "highly kindly largely lightly lively loudly merrily mildly mostly neatly newly nicely openly partly plainly " +
  "purely quickly quietly rarely readily really rightly safely sharply simply slowly smoothly softly solely " +
  "steadily strongly surely swiftly truly warmly widely wildly wisely";
const ADJECTIVES =
  "able agile alert amber brave bright brisk calm clever coral crisp daring deft eager early fair fast fine fleet " +
  "fresh gentle glad golden grand green handy happy hardy honest jolly keen kind light lively loyal lucky merry " +
  "mild modest neat noble patient plucky proud quick quiet rapid ready rosy rugged sharp shy silent silver sleek " +
  "smart smooth snug solid spry steady stout sturdy sunny swift tall tidy tough upbeat vivid warm wise witty young";
const NAMES =
  "adder albatross alpaca antelope badger bat bear beaver bee beetle bison boar buffalo camel cat cheetah chough " +
  "condor cougar crab crane cricket crow deer dingo dolphin donkey dove duck eagle eel elk falcon ferret finch " +
  "flamingo fox frog gecko gibbon goat goose grouse gull hare hawk hedgehog heron horse ibex iguana jackal jay " +
  "kestrel kiwi koala lark lemur leopard lion lizard llama lobster lynx magpie mallard marmot marten mole moose " +
  "moth mouse mule newt ocelot octopus otter owl ox oyster panda parrot pelican penguin perch pigeon pony puffin " +
  "quail rabbit raccoon raven robin rook salmon seal shark sheep shrew skunk sloth snail sparrow spider squid " +
  "stork swan tapir tern tiger toad trout turtle viper vole walrus wasp weasel whale wolf wombat wren yak zebra";

function word(list: string): string {
  const words = list.split(" ");
  return words[randomInt(words.length)] ?? "";
}

/** A name of `length` words: adverbs, then one adjective, then an animal; one word is an animal alone. */
export function petName(length: number, separator: string): string {
  const adverbs = Array.from({ length: Math.max(0, length - 2) }, () => word(ADVERBS));
  return [...adverbs, ...(length > 1 ? [word(ADJECTIVES)] : []), word(NAMES)].join(separator);
}
