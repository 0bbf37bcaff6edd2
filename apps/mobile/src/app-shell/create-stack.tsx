import {
  createNavigatorFactory,
  type ParamListBase,
  type StackActionHelpers,
  type StackNavigationState,
  StackRouter,
  type StackRouterOptions,
  type TypedNavigator,
  useNavigationBuilder,
} from '@react-navigation/native'
import type {
  NativeStackNavigationEventMap,
  NativeStackNavigationOptions,
  NativeStackNavigationProp,
  NativeStackNavigatorProps,
} from '@react-navigation/native-stack'
import type { ComponentType } from 'react'
import type { StackViewProps } from './pane-views.tsx'

type StackTypes<Routes extends ParamListBase> = {
  ParamList: Routes
  NavigatorID: undefined
  State: StackNavigationState<Routes>
  ScreenOptions: NativeStackNavigationOptions
  EventMap: NativeStackNavigationEventMap
  NavigationList: { [Name in keyof Routes]: NativeStackNavigationProp<Routes, Name> }
  Navigator: ComponentType<NativeStackNavigatorProps>
}

/** Creates a stack navigator that `StackView` renders, as a stack or as columns. */
export function createStack<Routes extends ParamListBase>(
  StackView: ComponentType<StackViewProps>,
): TypedNavigator<StackTypes<Routes>> {
  function Stack(props: NativeStackNavigatorProps) {
    const { state, descriptors, describe, navigation, render } = useNavigationBuilder<
      StackNavigationState<ParamListBase>,
      StackRouterOptions,
      StackActionHelpers<ParamListBase>,
      NativeStackNavigationOptions,
      NativeStackNavigationEventMap
    >(StackRouter, props)
    return render(
      <StackView state={state} descriptors={descriptors} describe={describe} navigation={navigation} />,
    )
  }
  return createNavigatorFactory(Stack)()
}
