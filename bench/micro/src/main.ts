// npm run bench:micro: what the small things on the way of a frame cost, in nanoseconds.
import { parseArgs } from 'node:util'

import { median, spread, WIDE_SPREAD } from '../../dist/statistics.js'
import { textOf } from '../../dist/table.js'
import { deadlines } from './deadlines.js'
import { frames } from './frames.js'
import { lanes } from './lanes.js'
import { lookup } from './lookup.js'
import { measure } from './measure.js'
import { pending } from './pending.js'

const usage = `Usage: npm run bench:micro -- [flags]

  --only TEXT   what has this text in its name
  --tiny        everything once, to see that it still runs; nothing is measured
`

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, tiny: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
})
const tasks = [...frames, ...lanes, ...lookup, ...pending, ...deadlines].filter(({ group, name }) => `${group}: ${name}`.includes(values.only))

if (values.help) process.stdout.write(usage)
else if (values.tiny) {
  for (const task of tasks) task.run(1)
  console.log(`${tasks.length} things done once`)
} else {
  const rows = [...measure(tasks)].map(([{ group, name }, rounds]) => {
    const wide = spread(rounds)
    return [group, name, nanoseconds(median(rounds)), `${Math.round(wide * 100)}%`, wide > WIDE_SPREAD ? 'WIDE: do not trust' : '']
  })
  console.log(textOf({ headings: ['what', '', 'ns', 'spread', ''], rows, numberColumns: [2, 3] }))
}

function nanoseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')
}
