import { pubSubContract } from '../../test/contracts/pubsub.ts'
import { createLocalPubSub } from './pubsub.ts'

pubSubContract('of one process', createLocalPubSub)
